// SPDX-License-Identifier: Apache-2.0
// A thread with an event loop whose end is waited for by means that a race checker sees (what
// QThread::wait() does is invisible to it, Qt not being built for one).
#pragma once

#include <functional>
#include <semaphore>
#include <utility>

#include <QThread>

namespace glowworm {

class LoopThread : public QThread {
  public:
    // `atEnd` runs on the thread, behind its event loop.
    LoopThread(const QString& name, std::function<void()> atEnd) : m_atEnd(std::move(atEnd)) {
        setObjectName(name);
    }
    // After quit(), once: returns when the thread has ended.
    void waitForEnd() {
        m_ended.acquire();
        wait();
    }

  protected:
    void run() override {
        exec();
        m_atEnd();
        m_ended.release();
    }

  private:
    std::function<void()> m_atEnd;
    std::binary_semaphore m_ended{0};
};

}  // namespace glowworm
