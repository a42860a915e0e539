// SPDX-License-Identifier: Apache-2.0
// Code to coloured HTML, by KSyntaxHighlighting. Growing code is coloured line by line: lines that
// were whole before are not read again. GUI thread (the shared repository belongs to one thread).
#pragma once

#include <memory>

#include <QString>

namespace KSyntaxHighlighting {
class Repository;
}

namespace glowworm {

// The syntax definitions and colour themes; made at first use (some tens of ms), shared by all.
class SyntaxRepository {
  public:
    SyntaxRepository();
    ~SyntaxRepository();
    [[nodiscard]] const KSyntaxHighlighting::Repository& get();

  private:
    std::unique_ptr<KSyntaxHighlighting::Repository> m_repository;
};

class CodeHighlighter {
  public:
    CodeHighlighter(SyntaxRepository& syntax, const QString& language, bool dark);
    ~CodeHighlighter();
    // `<pre>` with coloured spans. Fast when `code` begins with the code of the call before.
    QString html(const QString& code);

  private:
    class Painter;
    std::unique_ptr<Painter> m_painter;
    QString m_done;  // the whole lines that were coloured
};

}  // namespace glowworm
