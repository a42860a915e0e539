// SPDX-License-Identifier: Apache-2.0
// Long work, one piece after another on a thread of its own, with progress and cancel. All calls
// and callbacks on the GUI thread. Destruction stops the piece that runs, drops the others without
// a word and joins the thread.
#pragma once

#include <deque>
#include <functional>
#include <memory>

#include <QString>

#include "app/engine/loopthread.h"
#include "app/engine/mailbox.h"
#include "core/base/controls.h"
#include "core/base/error.h"

namespace glowworm {

struct Job {
    QString id{};  // names it for cancel()
    std::function<Status(const ProgressSink&, const StopFlag&)> work{};  // on the queue's thread
    std::function<void(double fraction, const QString& stage)> progress{};  // may be empty
    std::function<void(const Status&)> done{};  // once for each job, kCancelled after cancel()
};

class JobQueue {
  public:
    explicit JobQueue(const QString& threadName);
    ~JobQueue();
    JobQueue(const JobQueue&) = delete;
    JobQueue& operator=(const JobQueue&) = delete;

    void add(Job job);
    // One that waits is done at once; one that runs, when it has noticed.
    void cancel(const QString& id);

  private:
    void startNext();
    void finished(const Status& status);
    [[nodiscard]] ProgressSink progressSink(std::shared_ptr<const Job> job);

    Mailbox m_here;
    Mailbox m_there;
    LoopThread m_thread;
    std::deque<std::shared_ptr<const Job>> m_waiting;
    std::shared_ptr<const Job> m_running;
    std::shared_ptr<StopFlag> m_stop;  // of m_running
};

}  // namespace glowworm
