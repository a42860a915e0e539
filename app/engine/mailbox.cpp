// SPDX-License-Identifier: Apache-2.0
#include "app/engine/mailbox.h"

#include <utility>

namespace glowworm {

Mailbox::Mailbox(QObject* parent) : QObject(parent) {
    connect(this, &Mailbox::posted, this, &Mailbox::runAll, Qt::QueuedConnection);
}

void Mailbox::post(std::function<void()> call) {
    bool first = false;
    {
        const std::lock_guard lock(m_mutex);
        first = m_calls.empty();
        m_calls.push_back(std::move(call));
    }
    if (first) Q_EMIT posted();
}

void Mailbox::runAll() {
    std::deque<std::function<void()>> calls;
    {
        const std::lock_guard lock(m_mutex);
        calls.swap(m_calls);
    }
    for (auto& call : calls) call();
}

}  // namespace glowworm
