#include "media/mailbox.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "base/assert.h"

namespace sidetone::media {
namespace {

// An owner that does not poll must not fill the memory; digits and state changes are far below this.
constexpr std::size_t events_max = 4096;

}  // namespace

Mailbox::Mailbox(std::function<void()> notify) : notify_(std::move(notify)) {
  ST_ASSERT(::pipe2(wake_, O_NONBLOCK | O_CLOEXEC) == 0);
}

Mailbox::~Mailbox() {
  for (const int descriptor : wake_) ::close(descriptor);
}

void Mailbox::send(Command command) {
  {
    const std::lock_guard lock(mutex_);
    commands_.push_back(std::move(command));
  }
  const char byte = 0;
  [[maybe_unused]] const auto written = ::write(wake_[1], &byte, 1);  // full: it is awake already
}

void Mailbox::take(std::vector<Command>& into) {
  std::array<char, 64> bytes;
  while (::read(wake_[0], bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size())) {
  }
  const std::lock_guard lock(mutex_);
  std::swap(into, commands_);
}

bool Mailbox::has_commands() const {
  const std::lock_guard lock(mutex_);
  return !commands_.empty();
}

void Mailbox::put(MediaEvent event) {
  {
    const std::lock_guard lock(mutex_);
    if (events_.size() >= events_max) return;
    events_.push_back(std::move(event));
  }
  if (notify_) notify_();
}

std::optional<MediaEvent> Mailbox::poll() {
  const std::lock_guard lock(mutex_);
  if (events_.empty()) return std::nullopt;
  std::optional<MediaEvent> event(std::move(events_.front()));
  events_.pop_front();
  return event;
}

void Mailbox::put_statistics(MediaId id, const StreamStatistics& statistics) {
  const std::lock_guard lock(mutex_);
  statistics_[id] = statistics;
}

void Mailbox::drop_statistics(MediaId id) {
  const std::lock_guard lock(mutex_);
  statistics_.erase(id);
}

StreamStatistics Mailbox::statistics(MediaId id) const {
  const std::lock_guard lock(mutex_);
  const auto found = statistics_.find(id);
  return found == statistics_.end() ? StreamStatistics{} : found->second;
}

}  // namespace sidetone::media
