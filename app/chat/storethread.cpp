// SPDX-License-Identifier: Apache-2.0
#include "app/chat/storethread.h"

#include <deque>
#include <utility>

namespace glowworm {

namespace {
constexpr size_t kBacklogMax = 20'000;  // writes; beyond, the newest are not kept
}

// Writes that are still to be done, oldest first.
class StoreThread::Backlog {
  public:
    void add(Write write) {
        if (m_writes.size() < kBacklogMax) m_writes.push_back(std::move(write));
    }
    [[nodiscard]] bool troubled() const { return m_troubled; }

    // Does them in order until one fails.
    StoreStatus run(ChatStore& store) {
        while (!m_writes.empty()) {
            if (StoreStatus status = m_writes.front()(store); !status) {
                m_troubled = true;
                return status;
            }
            m_writes.pop_front();
        }
        m_troubled = false;
        return {};
    }

  private:
    std::deque<Write> m_writes;
    bool m_troubled = false;
};

StoreThread::StoreThread(const QString& path, QObject* parent)
    : QObject(parent), m_store(path), m_backlog(std::make_unique<Backlog>()),
      // The connection must be closed where it was opened.
      m_thread(QStringLiteral("chat store"), [this] { m_store.close(); }) {
    m_there.moveToThread(&m_thread);
    m_thread.start();
}

StoreThread::~StoreThread() {
    // What was asked for before comes first.
    m_there.post([this] {
        static_cast<void>(m_backlog->run(m_store));
        m_thread.quit();
    });
    m_thread.waitForEnd();
}

void StoreThread::open() {
    m_there.post([this] {
        m_here.post([this, opening = m_store.open()] { Q_EMIT opened(opening); });
    });
}

void StoreThread::setAside() {
    m_there.post([this] {
        m_here.post([this, opening = m_store.setAside()] { Q_EMIT opened(opening); });
    });
}

void StoreThread::write(QObject* context, Write write, std::function<void(bool)> done) {
    m_there.post([this, context = QPointer<QObject>(context), write = std::move(write),
                  done = std::move(done)]() mutable {
        const bool wasTroubled = m_backlog->troubled();
        m_backlog->add(std::move(write));
        const StoreStatus status = m_backlog->run(m_store);
        m_here.post([this, context = std::move(context), done = std::move(done), status,
                     wasTroubled] {
            if (!status && !wasTroubled) Q_EMIT failed(status.error());
            if (status && wasTroubled) Q_EMIT recovered();
            if (context && done) done(status.has_value());
        });
    });
}

void StoreThread::retry() {
    m_there.post([this] {
        const StoreStatus status = m_backlog->run(m_store);
        m_here.post([this, status] {
            if (status) {
                Q_EMIT recovered();
            } else {
                Q_EMIT failed(status.error());
            }
        });
    });
}

}  // namespace glowworm
