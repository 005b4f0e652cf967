#include "endpoint/offered_lines.h"

#include <algorithm>

namespace sidetone::endpoint {
namespace {

struct Lines {
  std::span<const sdp::MediaDescription> slots;
  std::optional<sdp::OfferedLine> in_use;
  std::vector<sdp::OfferedLine> chosen;

  [[nodiscard]] bool is_free(std::size_t line) const {
    if (in_use && in_use->index == line) return false;
    return std::none_of(chosen.begin(), chosen.end(),
                        [line](const auto& other) { return other.index == line; });
  }

  // RFC 3264 §8.1: a slot whose stream is gone may be used again, best one that was of the same profile.
  [[nodiscard]] std::optional<std::size_t> free_slot(std::optional<bool> secured) const {
    for (std::size_t line = 0; line < slots.size(); ++line) {
      if (slots[line].kind != "audio" || !is_free(line)) continue;
      if (!secured || sdp::is_secured_profile(slots[line]) == *secured) return line;
    }
    return std::nullopt;
  }

  void choose(bool secured) {
    if (in_use && in_use->secured == secured) return chosen.push_back(*in_use);
    auto line = free_slot(secured);
    if (!line) line = free_slot(std::nullopt);
    if (!line) {
      line = slots.size();
      while (!is_free(*line)) ++*line;
    }
    chosen.push_back({*line, secured});
  }
};

}  // namespace

std::vector<sdp::OfferedLine> offered_lines(SrtpPolicy policy, std::span<const sdp::MediaDescription> slots,
                                            std::optional<sdp::OfferedLine> in_use, bool solicited) {
  if (in_use && !solicited) return {*in_use};
  Lines lines{slots, in_use, {}};
  if (offers_secured(policy) || (in_use && in_use->secured)) lines.choose(true);
  if (offers_plain(policy) || (in_use && !in_use->secured && takes_plain(policy))) lines.choose(false);
  return std::move(lines.chosen);
}

}  // namespace sidetone::endpoint
