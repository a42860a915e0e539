// SPDX-License-Identifier: Apache-2.0
#include "app/engine/mailbox.h"

#include <utility>

#include <QCoreApplication>
#include <QEvent>

namespace glowworm {

void Mailbox::post(std::function<void()> call) {
    QEvent* wake = nullptr;
    {
        const std::lock_guard lock(m_mutex);
        // Made under the lock, which its receiver takes before Qt deletes it.
        if (m_calls.empty()) wake = new QEvent(QEvent::User);
        m_calls.push_back(std::move(call));
    }
    if (wake == nullptr) return;
    // Two threads that wake a third write to its list of events: under a lock of Qt's that a race
    // checker does not see, and under this one, which it does.
    static std::mutex waking;
    const std::lock_guard lock(waking);
    QCoreApplication::postEvent(this, wake);
}

void Mailbox::customEvent(QEvent*) {
    std::deque<std::function<void()>> calls;
    {
        const std::lock_guard lock(m_mutex);
        calls.swap(m_calls);
    }
    for (auto& call : calls) call();
}

}  // namespace glowworm
