// The conferences of one media thread. The calls in a room hear each other; the user's own conference is one
// room, a media server has as many as it likes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "media/mixer.h"

namespace sidetone::media {

struct Room {
  std::uint32_t number = 0;
  Mixer mixer;
};

class Rooms {
 public:
  // The room of that number, made when it is asked for first. 0 is no room: null.
  [[nodiscard]] std::shared_ptr<Room> enter(std::uint32_t number) {
    forget_empty();
    if (number == 0) return nullptr;
    const auto found = std::find_if(rooms_.begin(), rooms_.end(),
                                    [number](const auto& room) { return room->number == number; });
    if (found != rooms_.end()) return *found;
    rooms_.push_back(std::make_shared<Room>(Room{number, {}}));
    return rooms_.back();
  }
  // At the begin of each tick.
  void clear() {
    for (const auto& room : rooms_) room->mixer.clear();
  }

 private:
  // Not in the tick, which must not free: whoever left last leaves the room until somebody enters one.
  void forget_empty() {
    std::erase_if(rooms_, [](const auto& room) { return room.use_count() == 1; });
  }
  std::vector<std::shared_ptr<Room>> rooms_;
};

}  // namespace sidetone::media
