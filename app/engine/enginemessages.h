// SPDX-License-Identifier: Apache-2.0
// What travels between the engine thread and the GUI thread: plain values, copied.
#pragma once

#include <QList>
#include <QMetaType>
#include <QString>

#include "core/engine/machine_probe.h"
#include "core/engine/session.h"

namespace glowworm {

// A model that can be opened.
struct ModelTarget {
    QString modelId{}, name{}, bundlePath{};
    qint64 budgetBytesMin = 0, budgetBytesMax = 0;  // 0: not known before it is opened
    bool starter = false;  // opened at a budget at which something is streamed
    ForecastBasis basis{};  // budget_bytes_max 0: its speed cannot be foretold
};

// What every model is opened with, until the person says otherwise.
struct OpenDefaults {
    qint64 budgetBytes = 0;  // 0: automatic
    int contextTokens = 2048;
    int threads = 0;  // 0: one per core
    QString windowFolder{};  // where the caches' last windows lie; "": they are not kept
};

// ModelInfo in Qt's types, as far as the window shows it.
struct ModelFacts {
    QString name{}, architecture{}, reader{}, simdTarget{};
    qint64 budgetBytesMin = 0, budgetBytesMax = 0, bundleBytes = 0;
    int contextTokens = 0;
    double activeShare = 0;
    bool synthetic = false;
    MemoryBreakdown memory{};
};

// Tokens since the last batch, joined: about 30 batches a second.
struct TokenBatch {
    QString text{};
    QList<TokenStats> stats{};
};

struct AnswerEnd {
    FinishReason finish = FinishReason::kEndOfText;
    int promptTokens = 0, promptTokensReused = 0, tokens = 0;
    double prefillMs = 0, decodeMs = 0;
    quint64 seed = 0;
};

}  // namespace glowworm

Q_DECLARE_METATYPE(glowworm::TokenBatch)
Q_DECLARE_METATYPE(glowworm::AnswerEnd)
Q_DECLARE_METATYPE(glowworm::ModelFacts)
Q_DECLARE_METATYPE(glowworm::MemoryBreakdown)
Q_DECLARE_METATYPE(glowworm::WorkingSetCurve)
