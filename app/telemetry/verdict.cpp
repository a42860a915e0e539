// SPDX-License-Identifier: Apache-2.0
#include "app/telemetry/verdict.h"

#include <algorithm>
#include <array>

#include <QCoreApplication>

namespace glowworm {

namespace {

constexpr double kWaitMatters = 0.25;  // of a token's time: above it more memory is worth having
constexpr double kHitsMost = 0.9;

QString tr(const char* text) { return QCoreApplication::translate("Verdict", text); }

int percent(double share) { return static_cast<int>(share * 100 + 0.5); }

}  // namespace

QString verdictOf(const TokenSums& sums) {
    if (sums.tokens <= 0 || sums.timeMs <= 0) return {};
    const double wait = sums.flashWaitMs / sums.timeMs;
    if (wait > kWaitMatters) {
        const QString advice = sums.hitRate() < kHitsMost
                                   ? tr("more budget helps")
                                   : tr("most neurons are in memory, the last ones are dear");
        return tr("Waiting for flash %1 % of each token: %2").arg(percent(wait)).arg(advice);
    }
    if (sums.readBytes <= 0) return tr("Compute bound: everything needed is in memory");
    struct Part {
        const char* name;
        double ms;
    };
    const std::array parts{Part{QT_TRANSLATE_NOOP("Verdict", "attention"), sums.attentionMs},
                           Part{QT_TRANSLATE_NOOP("Verdict", "the predictor"), sums.predictorMs},
                           Part{QT_TRANSLATE_NOOP("Verdict", "feed-forward"), sums.ffnMs}};
    const Part& most = *std::ranges::max_element(parts, {}, &Part::ms);
    return tr("Compute bound: %1 takes %2 % of each token, flash keeps up")
        .arg(tr(most.name))
        .arg(percent(most.ms / sums.timeMs));
}

}  // namespace glowworm
