#include "net/file_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "net/burst_watch.h"

namespace sidetone::net {
namespace {

// An editor's last write follows its first within this; a person does not wait for it. It begins anew with
// each write.
constexpr BurstRules file_burst{std::chrono::milliseconds(200), BurstRules::From::last_change};

// Whether one of the events, which are those of a folder, concerns the file `name`.
bool concerns(int inotify, const std::string& name) {
  alignas(inotify_event) std::array<char, 8192> bytes{};
  const auto count = ::read(inotify, bytes.data(), bytes.size());
  bool ours = false;
  for (std::size_t at = 0; count > 0 && at + sizeof(inotify_event) <= static_cast<std::size_t>(count);) {
    const auto* event = reinterpret_cast<const inotify_event*>(&bytes[at]);
    ours = ours || (event->mask & IN_Q_OVERFLOW) != 0 || (event->len > 0 && name == event->name);
    at += sizeof(inotify_event) + event->len;
  }
  return ours;
}

class InotifyWatch final : public FileWatch {
 public:
  explicit InotifyWatch(std::shared_ptr<BurstWatch> watch) : watch_(std::move(watch)) { watch_->start(); }
  ~InotifyWatch() override { watch_->close(); }

 private:
  std::shared_ptr<BurstWatch> watch_;
};

}  // namespace

// The folder is watched and not the file: what replaces it is another file.
std::unique_ptr<FileWatch> FileWatch::start(boost::asio::io_context& io, const std::string& path,
                                            std::function<void()> on_change) {
  std::error_code unresolved;
  auto file = std::filesystem::weakly_canonical(path, unresolved);  // behind links
  if (unresolved) file = path;
  const auto folder = file.has_parent_path() ? file.parent_path().string() : std::string(".");
  Descriptor notify(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!notify) return nullptr;
  if (::inotify_add_watch(notify.get(), folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE) < 0)
    return nullptr;
  return std::make_unique<InotifyWatch>(std::make_shared<BurstWatch>(
      io, std::move(notify), file_burst,
      [name = file.filename().string()](int inotify) { return concerns(inotify, name); },
      std::move(on_change)));
}

}  // namespace sidetone::net
