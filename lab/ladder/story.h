// What a ladder shows, before it is drawn: who takes part, and what happened in which order.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "ladder/ladder.h"

namespace sidetone::lab {

struct Step {
  Time time;
  std::size_t from = 0, to = 0;  // lanes
  std::string label;
  std::string mark;  // which call
  bool note = false;
};

class Story {
 public:
  // `lanes`: participants in the order wanted; others follow as they appear.
  Story(std::span<const SipRecord> records, std::span<const LadderNote> notes, const ParticipantNames& names,
        std::vector<std::string> lanes);

  [[nodiscard]] const std::vector<std::string>& lanes() const { return lanes_; }
  [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }
  [[nodiscard]] bool has_several_calls() const { return calls_.size() > 1; }
  // Seconds since the first step.
  [[nodiscard]] std::string time_of(const Step& step) const;

 private:
  // How often a message was recorded by its sender, by its receiver, and drawn. Sender and receiver in one
  // process both record it, in either order; what matters is which of them has seen it more often.
  struct Sightings {
    std::size_t sent = 0, received = 0, drawn = 0;
  };
  void take(const SipRecord& record);
  std::size_t lane(const Address& address);

  const ParticipantNames& names_;
  std::map<std::tuple<Address, Address, std::string>, Sightings> seen_;
  std::vector<std::string> lanes_;
  std::vector<std::string> calls_;
  std::vector<Step> steps_;
};

}  // namespace sidetone::lab
