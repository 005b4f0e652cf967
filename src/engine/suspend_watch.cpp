#include "engine/suspend_watch.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <ctime>

namespace sidetone::engine {
namespace {

// Shorter sleeps than this are the two clocks being read one after the other.
constexpr Duration worth_a_word = std::chrono::seconds(1);

Duration read_clock(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) +
         std::chrono::duration_cast<Duration>(std::chrono::nanoseconds(time.tv_nsec));
}

// A timer of the wall clock that lies years ahead and is cancelled when that clock is set.
int open_cancelled_timer() {
  const int fd = ::timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
  if (fd < 0) return -1;
  itimerspec far{};
  far.it_value.tv_sec = ::time(nullptr) + 100L * 366 * 86400;
  if (::timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &far, nullptr) == 0) return fd;
  ::close(fd);
  return -1;
}

}  // namespace

std::optional<Duration> SuspendGap::look(Duration monotonic, Duration boottime) {
  const Duration distance = boottime - monotonic;
  const auto before = std::exchange(distance_, distance);
  if (!before || distance - *before < worth_a_word) return std::nullopt;
  return distance - *before;
}

struct SuspendWatch::State : std::enable_shared_from_this<State> {
  State(boost::asio::io_context& io, int fd, OnResume callback)
      : descriptor(io, fd), on_resume(std::move(callback)) {
    static_cast<void>(look());
  }

  std::optional<Duration> look() { return gap.look(read_clock(CLOCK_MONOTONIC), read_clock(CLOCK_BOOTTIME)); }

  void wait() {
    descriptor.async_wait(
        boost::asio::posix::stream_descriptor::wait_read,
        [self = shared_from_this()](const boost::system::error_code& error) {
          if (error || !self->descriptor.is_open()) return;
          std::uint64_t expirations = 0;  // ECANCELED: the clock was set
          static_cast<void>(!::read(self->descriptor.native_handle(), &expirations, sizeof expirations));
          self->wait();
          if (const auto slept = self->look()) self->on_resume(*slept);
        });
  }

  boost::asio::posix::stream_descriptor descriptor;
  OnResume on_resume;
  SuspendGap gap;
};

SuspendWatch::SuspendWatch(boost::asio::io_context& io, OnResume on_resume) {
  const int fd = open_cancelled_timer();
  if (fd < 0) return;
  state_ = std::make_shared<State>(io, fd, std::move(on_resume));
  state_->wait();
}

SuspendWatch::~SuspendWatch() {
  if (!state_) return;
  boost::system::error_code ignored;
  state_->descriptor.close(ignored);
}

}  // namespace sidetone::engine
