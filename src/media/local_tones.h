// Tones in what calls play on their speaker: in the mix only, so never in what any call says. One per slot;
// what ends fades away. Touched by the media thread alone, but for the making of players.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "media/mixer.h"
#include "media/tone_player.h"

namespace sidetone::media {

class LocalTones {
 public:
  static constexpr std::size_t slots = 2;

  // In place of what the slot plays. `sequence` rises with every wish: what took long to read does not
  // replace a later one. `order` is what ended() names.
  void use(std::size_t slot, std::uint64_t sequence, std::uint64_t order, std::optional<TonePlayer> player) {
    auto& place = places_.at(slot);
    if (sequence < place.sequence) return;
    place.sequence = sequence;
    place.order = order;
    place.told = false;
    if (sounds(place.player) && place.player->begun()) {  // what nobody has heard needs no fading
      place.leaving = std::move(place.player);
      place.leaving->stop();
    }
    place.player = std::move(player);
  }
  [[nodiscard]] bool any() const {
    for (const auto& place : places_)
      if (sounds(place.player) || sounds(place.leaving)) return true;
    return false;
  }
  // The next 10 ms.
  void add_to(Mixer& mixer) {
    for (auto& place : places_)
      for (auto* player : {&place.player, &place.leaving}) {
        if (!sounds(*player)) continue;
        (*player)->fill(frame_);
        mixer.add(frame_);
      }
  }
  // One that sounds once is through; told once.
  std::optional<std::uint64_t> ended() {
    for (auto& place : places_) {
      if (!place.player || place.told || !place.player->finished()) continue;
      place.told = true;
      return place.order;
    }
    return std::nullopt;
  }

 private:
  static bool sounds(const std::optional<TonePlayer>& player) { return player && !player->finished(); }
  struct Place {
    std::uint64_t sequence = 0, order = 0;
    bool told = false;
    std::optional<TonePlayer> player, leaving;  // kept when finished: memory is not given back in a tick
  };
  std::array<Place, slots> places_;
  Frame frame_{};
};

}  // namespace sidetone::media
