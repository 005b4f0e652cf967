// The planted bugs of a phone, at its seams. Without a mutation everything passes untouched.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "endpoint/media_order.h"
#include "sidetone/commands.h"
#include "sidetone/events.h"
#include "sim/mutation.h"
#include "sip/stack.h"

namespace sidetone::sim {

class PhoneFaults {
 public:
  explicit PhoneFaults(Mutation mutation) : mutation_(mutation) {}

  void settings(sip::StackSettings& settings) const;
  // Each returns false, or nothing, for what shall not pass.
  [[nodiscard]] sip::Bytes outgoing(sip::Bytes bytes, Time now);
  void dns_answer(sip::DnsAnswer& answer) const;
  [[nodiscard]] bool sip_event(sip::Event& event);
  [[nodiscard]] bool media_order(endpoint::MediaOrder& order);
  [[nodiscard]] std::optional<endpoint::MediaOrder> extra_order(const endpoint::MediaOrder& order);
  [[nodiscard]] bool user_event(Event& event);
  [[nodiscard]] bool command(const Command& command);
  [[nodiscard]] bool change_is_taken() { return !is(Mutation::change_ignored) || ++changes_ % 4 != 0; }
  [[nodiscard]] bool change_ends_calls() { return is(Mutation::change_ends_calls) && ++changes_ % 4 == 0; }
  [[nodiscard]] bool digits_sent() const { return mutation_ != Mutation::digits_unreported; }

 private:
  [[nodiscard]] bool is(Mutation mutation) const { return mutation_ == mutation; }

  Mutation mutation_;
  std::set<std::size_t> acks_sent_;                     // hashes of ACKs that left once
  std::map<sip::SessionId, std::string> first_answer_;  // per call, for the stale one
  int changes_ = 0, answers_ = 0, dials_ = 0, ends_ = 0;
};

}  // namespace sidetone::sim
