// Joins an endpoint's events with file descriptors: a descriptor that becomes readable when events wait.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

namespace sidetone::app {

class WakePipe {
 public:
  WakePipe() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
  ~WakePipe() { ::close(fd_); }
  WakePipe(const WakePipe&) = delete;
  WakePipe& operator=(const WakePipe&) = delete;

  [[nodiscard]] int descriptor() const { return fd_; }
  void wake() const {
    const std::uint64_t one = 1;
    static_cast<void>(!::write(fd_, &one, sizeof one));
  }
  void clear() const {
    std::uint64_t count = 0;
    static_cast<void>(!::read(fd_, &count, sizeof count));
  }

 private:
  int fd_;
};

}  // namespace sidetone::app
