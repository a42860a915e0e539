// SPDX-License-Identifier: Apache-2.0
// Calls posted into another thread, run there in order by its event loop. The calls wait in a queue
// of our own under a mutex, so a race checker sees what hands them over; Qt only wakes the thread.
// post() may be called from any thread while the mailbox lives; what was not yet run when it is
// destroyed is dropped. Destroy it on its own thread, or when that thread has ended.
#pragma once

#include <deque>
#include <functional>
#include <mutex>

#include <QObject>

namespace glowworm {

class Mailbox : public QObject {
  public:
    void post(std::function<void()> call);

  protected:
    // Runs what waits.
    void customEvent(QEvent* wake) override;

  private:
    std::mutex m_mutex;
    std::deque<std::function<void()>> m_calls;
};

}  // namespace glowworm
