// SPDX-License-Identifier: Apache-2.0
// The chat store on a thread of its own: the GUI thread asks and is answered later. Reads see all
// writes asked for before them. A write that the disk refuses is kept, in order, with those behind
// it, and tried again with the next write or by retry(); nothing is lost while the window is open.
// GUI thread.
#pragma once

#include <functional>
#include <memory>

#include <QObject>
#include <QPointer>

#include "app/chat/chatstore.h"
#include "app/engine/loopthread.h"
#include "app/engine/mailbox.h"

namespace glowworm {

class StoreThread : public QObject {
    Q_OBJECT

  public:
    explicit StoreThread(const QString& path, QObject* parent = nullptr);
    // Writes what is still to be written, then ends the thread.
    ~StoreThread() override;

    void open();
    void setAside();  // see ChatStore::setAside()
    void retry();

    // Runs `read(ChatStore&)` there and `done(result)` here, unless `context` has gone by then.
    template <typename Read, typename Done>
    void read(QObject* context, Read read, Done done) {
        m_there.post([this, context = QPointer<QObject>(context), read = std::move(read),
                      done = std::move(done)]() mutable {
            auto result = read(m_store);
            m_here.post([context = std::move(context), done = std::move(done),
                         result = std::move(result)]() mutable {
                if (context) done(std::move(result));
            });
        });
    }

    using Write = std::function<StoreStatus(ChatStore&)>;
    // `done(stored)` after the first attempt; false: it was kept for later.
    void write(QObject* context, Write write, std::function<void(bool stored)> done = {});

  Q_SIGNALS:
    void opened(const glowworm::StoreOpening& opening);
    void failed(const glowworm::StoreError& error);  // once, until it works again
    void recovered();                                // what was kept has been written

  private:
    class Backlog;  // on the store thread

    Mailbox m_here;
    Mailbox m_there;
    ChatStore m_store;  // touched there only
    std::unique_ptr<Backlog> m_backlog;
    LoopThread m_thread;
};

}  // namespace glowworm
