#include "engine/log/log_disk.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace sidetone::engine {
namespace {

tl::unexpected<Error> failed(const std::string& path, int error) {
  const Fault fault = error == EEXIST ? Fault::busy : Fault::io;
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  return fail(Layer::engine, fault,
              fmt::format("log file '{}': {}", path, std::generic_category().message(error)),
              full ? "make room on the disk; the log goes on by itself"
                   : "choose a path in a folder that may be written to");
}

class SystemLogFile final : public LogFile {
 public:
  SystemLogFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  ~SystemLogFile() override { ::close(descriptor_); }
  SystemLogFile(const SystemLogFile&) = delete;
  SystemLogFile& operator=(const SystemLogFile&) = delete;

  Expected<void> write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const auto written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return failed(path_, written < 0 ? errno : EIO);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

  [[nodiscard]] bool is_in_place() const override {
    struct stat ours{}, there{};
    return ::fstat(descriptor_, &ours) == 0 && ::stat(path_.c_str(), &there) == 0 &&
           ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
  }

 private:
  std::string path_;
  int descriptor_;
};

class SystemLogDisk final : public LogDisk {
 public:
  Expected<std::unique_ptr<LogFile>> open(const std::string& path, Mode mode) override {
    namespace fs = std::filesystem;
    if (const auto folder = fs::path(path).parent_path(); !folder.empty()) {
      std::error_code error;
      fs::create_directories(folder, error);  // when it fails, opening tells why
    }
    const int how =
        O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;  // a pipe blocks nobody
    const int descriptor = ::open(path.c_str(), mode == Mode::create ? how | O_EXCL : how, 0600);
    if (descriptor < 0) return failed(path, errno);
    return std::make_unique<SystemLogFile>(path, descriptor);
  }

  std::vector<LogFileFacts> list(const std::string& folder) override {
    namespace fs = std::filesystem;
    std::vector<LogFileFacts> files;
    std::error_code error;
    for (fs::directory_iterator at(folder.empty() ? "." : folder, error), end; !error && at != end;
         at.increment(error)) {
      struct stat facts{};
      if (::lstat(at->path().c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) continue;
      const auto since =
          std::chrono::seconds(facts.st_mtim.tv_sec) + std::chrono::nanoseconds(facts.st_mtim.tv_nsec);
      files.push_back(
          {at->path().filename().string(), WallTime(std::chrono::duration_cast<WallTime::duration>(since))});
    }
    return files;
  }

  bool remove(const std::string& path) override { return ::unlink(path.c_str()) == 0; }
};

}  // namespace

std::unique_ptr<LogDisk> system_log_disk() { return std::make_unique<SystemLogDisk>(); }

}  // namespace sidetone::engine
