// What crosses the border between the media thread and the others: commands in, events and figures out.
// The lock is held for moves only, never while sound is worked on.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "media/command.h"

namespace sidetone::media {

class Mailbox {
 public:
  explicit Mailbox(std::function<void()> notify);
  ~Mailbox();
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  void send(Command command);  // wakes the media thread
  [[nodiscard]] int wake_descriptor() const { return wake_[0]; }
  [[nodiscard]] bool has_commands() const;
  void take(std::vector<Command>& into);  // `into` is empty; empties the wake-up

  void put(MediaEvent event);
  std::optional<MediaEvent> poll();
  void put_statistics(MediaId id, const StreamStatistics& statistics);
  void drop_statistics(MediaId id);
  [[nodiscard]] StreamStatistics statistics(MediaId id) const;

 private:
  std::function<void()> notify_;
  int wake_[2] = {-1, -1};
  mutable std::mutex mutex_;
  std::vector<Command> commands_;
  std::deque<MediaEvent> events_;
  std::unordered_map<MediaId, StreamStatistics> statistics_;
};

}  // namespace sidetone::media
