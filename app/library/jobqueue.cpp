// SPDX-License-Identifier: Apache-2.0
#include "app/library/jobqueue.h"

#include <algorithm>
#include <utility>

#include <QElapsedTimer>

namespace glowworm {

namespace {
constexpr qint64 kProgressEveryMs = 50;
}

JobQueue::JobQueue(const QString& threadName) : m_thread(threadName, [] {}) {
    m_there.moveToThread(&m_thread);
    m_thread.start();
}

JobQueue::~JobQueue() {
    if (m_stop) m_stop->request();
    m_there.post([this] { m_thread.quit(); });
    m_thread.waitForEnd();
}

void JobQueue::add(Job job) {
    m_waiting.push_back(std::make_shared<const Job>(std::move(job)));
    if (!m_running) startNext();
}

void JobQueue::cancel(const QString& id) {
    if (m_running && m_running->id == id) return m_stop->request();
    const auto waiting =
        std::ranges::find_if(m_waiting, [&](const auto& job) { return job->id == id; });
    if (waiting == m_waiting.end()) return;
    const std::shared_ptr<const Job> job = *waiting;
    m_waiting.erase(waiting);
    job->done(fail(ErrorCode::kCancelled, "stopped"));
}

ProgressSink JobQueue::progressSink(std::shared_ptr<const Job> job) {
    if (!job->progress) return {};
    QElapsedTimer sinceLast;
    return [this, job = std::move(job), sinceLast](const Progress& now) mutable {
        if (sinceLast.isValid() && sinceLast.elapsed() < kProgressEveryMs) return;
        sinceLast.start();
        const auto stage =
            QString::fromUtf8(now.stage.data(), static_cast<qsizetype>(now.stage.size()));
        m_here.post([this, job, fraction = now.fraction, stage] {
            if (job == m_running) job->progress(fraction, stage);
        });
    };
}

void JobQueue::startNext() {
    if (m_waiting.empty()) return;
    m_running = m_waiting.front();
    m_waiting.pop_front();
    m_stop = std::make_shared<StopFlag>();
    m_there.post([this, job = m_running, stop = m_stop, sink = progressSink(m_running)] {
        const Status status = job->work(sink, *stop);
        m_here.post([this, status] { finished(status); });
    });
}

void JobQueue::finished(const Status& status) {
    const std::shared_ptr<const Job> job = std::exchange(m_running, nullptr);
    m_stop.reset();
    job->done(status);
    if (!m_running) startNext();
}

}  // namespace glowworm
