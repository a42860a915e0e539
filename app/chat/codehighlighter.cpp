// SPDX-License-Identifier: Apache-2.0
#include "app/chat/codehighlighter.h"

#include <algorithm>

#include <KSyntaxHighlighting/AbstractHighlighter>
#include <KSyntaxHighlighting/Definition>
#include <KSyntaxHighlighting/Format>
#include <KSyntaxHighlighting/Repository>
#include <KSyntaxHighlighting/State>
#include <KSyntaxHighlighting/Theme>
#include <QColor>

namespace glowworm {

namespace {

constexpr qsizetype kLineLong = 2000;  // characters; a longer line is shown without colours

KSyntaxHighlighting::Definition definitionFor(const KSyntaxHighlighting::Repository& repository,
                                              const QString& language) {
    if (language.isEmpty()) return {};
    const auto byName = repository.definitionForName(language);
    if (byName.isValid()) return byName;
    // Models write "py", "cpp", "sh": the endings of files.
    return repository.definitionForFileName(QStringLiteral("code.") + language.toLower());
}

}  // namespace

SyntaxRepository::SyntaxRepository() = default;
SyntaxRepository::~SyntaxRepository() = default;

const KSyntaxHighlighting::Repository& SyntaxRepository::get() {
    if (!m_repository) m_repository = std::make_unique<KSyntaxHighlighting::Repository>();
    return *m_repository;
}

class CodeHighlighter::Painter : public KSyntaxHighlighting::AbstractHighlighter {
  public:
    Painter(const KSyntaxHighlighting::Repository& repository, const QString& language, bool dark) {
        setTheme(repository.defaultTheme(dark ? KSyntaxHighlighting::Repository::DarkTheme
                                              : KSyntaxHighlighting::Repository::LightTheme));
        setDefinition(definitionFor(repository, language));
    }

    // Colours one line, without its newline, and remembers the state behind it.
    QString keep(const QString& line) { return paint(line, &m_state); }
    // The same for a line that may still grow.
    QString preview(const QString& line) {
        KSyntaxHighlighting::State state = m_state;
        return paint(line, &state);
    }

    QString m_html;  // of the lines that were kept

  protected:
    void applyFormat(int offset, int length, const KSyntaxHighlighting::Format& format) override {
        if (length <= 0) return;
        const QString text = m_line.mid(offset, length).toHtmlEscaped();
        if (format.isDefaultTextStyle(theme())) {
            m_out += text;
            return;
        }
        QString style;
        if (format.hasTextColor(theme()))
            style += QStringLiteral("color:%1;").arg(format.textColor(theme()).name());
        if (format.isBold(theme())) style += QStringLiteral("font-weight:bold;");
        if (format.isItalic(theme())) style += QStringLiteral("font-style:italic;");
        m_out += QStringLiteral("<span style=\"%1\">%2</span>").arg(style, text);
    }

  private:
    QString paint(const QString& line, KSyntaxHighlighting::State* state) {
        if (!definition().isValid() || line.size() > kLineLong) return line.toHtmlEscaped();
        m_line = line;
        m_out.clear();
        *state = highlightLine(m_line, *state);
        return m_out;
    }

    KSyntaxHighlighting::State m_state;
    QString m_line, m_out;
};

CodeHighlighter::CodeHighlighter(SyntaxRepository& syntax, const QString& language, bool dark)
    : m_painter(std::make_unique<Painter>(syntax.get(), language, dark)) {}

CodeHighlighter::~CodeHighlighter() = default;

QString CodeHighlighter::html(const QString& code) {
    qsizetype begin = m_done.size();
    for (;;) {
        const qsizetype newline = code.indexOf(u'\n', begin);
        if (newline < 0) break;
        m_painter->m_html += m_painter->keep(code.mid(begin, newline - begin)) + u'\n';
        begin = newline + 1;
    }
    m_done = code.first(begin);
    return QStringLiteral("<pre style=\"margin:0\">") + m_painter->m_html +
           m_painter->preview(code.mid(begin)) + QStringLiteral("</pre>");
}

}  // namespace glowworm
