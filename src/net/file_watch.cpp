#include "net/file_watch.h"

#include <sys/inotify.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <filesystem>

#include "net/socket.h"

namespace sidetone::net {
namespace {

namespace asio = boost::asio;

// An editor's last write follows its first within this; a person does not wait for it.
constexpr auto settle_time = std::chrono::milliseconds(200);

class WatchedFile : public std::enable_shared_from_this<WatchedFile> {
 public:
  WatchedFile(asio::io_context& io, Descriptor notify, std::string name, std::function<void()> on_change)
      : descriptor_(io, notify.release()),
        settle_(io),
        name_(std::move(name)),
        on_change_(std::move(on_change)) {}

  void wait() {
    descriptor_.async_wait(asio::posix::stream_descriptor::wait_read,
                           [self = shared_from_this()](const boost::system::error_code& error) {
                             if (!error && self->descriptor_.is_open()) self->readable();
                           });
  }
  void close() {
    boost::system::error_code ignored;
    descriptor_.close(ignored);
    settle_.cancel();
  }

 private:
  void readable() {
    alignas(inotify_event) std::array<char, 8192> bytes{};
    const auto count = ::read(descriptor_.native_handle(), bytes.data(), bytes.size());
    bool ours = false;
    for (std::size_t at = 0; count > 0 && at + sizeof(inotify_event) <= static_cast<std::size_t>(count);) {
      const auto* event = reinterpret_cast<const inotify_event*>(&bytes[at]);
      ours = ours || (event->mask & IN_Q_OVERFLOW) != 0 || (event->len > 0 && name_ == event->name);
      at += sizeof(inotify_event) + event->len;
    }
    wait();
    if (!ours) return;
    settle_.expires_after(settle_time);  // begins anew with each: the last one counts
    settle_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (!error && self->descriptor_.is_open()) self->on_change_();
    });
  }

  asio::posix::stream_descriptor descriptor_;
  asio::steady_timer settle_;
  std::string name_;
  std::function<void()> on_change_;
};

class InotifyWatch final : public FileWatch {
 public:
  explicit InotifyWatch(std::shared_ptr<WatchedFile> file) : file_(std::move(file)) { file_->wait(); }
  ~InotifyWatch() override { file_->close(); }

 private:
  std::shared_ptr<WatchedFile> file_;
};

}  // namespace

// The folder is watched and not the file: what replaces it is another file.
std::unique_ptr<FileWatch> FileWatch::start(asio::io_context& io, const std::string& path,
                                            std::function<void()> on_change) {
  std::error_code unresolved;
  auto file = std::filesystem::weakly_canonical(path, unresolved);  // behind links
  if (unresolved) file = path;
  const auto folder = file.has_parent_path() ? file.parent_path().string() : std::string(".");
  Descriptor notify(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!notify) return nullptr;
  if (::inotify_add_watch(notify.get(), folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE) < 0)
    return nullptr;
  return std::make_unique<InotifyWatch>(
      std::make_shared<WatchedFile>(io, std::move(notify), file.filename().string(), std::move(on_change)));
}

}  // namespace sidetone::net
