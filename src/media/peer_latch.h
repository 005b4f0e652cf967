// Which source address and SSRC is the peer's, and where our packets therefore go: symmetric RTP
// (RFC 4961), with rules that keep strangers out.
#pragma once

#include <cstdint>
#include <optional>

#include "base/address.h"
#include "base/time.h"

namespace sidetone::media {

class PeerLatch {
 public:
  // The address that signalling names. Sending goes there until a valid packet teaches better.
  void signalled(const Address& remote, Time now);

  struct Verdict {
    bool accepted = false;
    bool new_address = false;  // `to()` has changed
    bool new_ssrc = false;
  };
  // A packet that parses and has a payload type of the plan.
  Verdict judge(const Address& from, std::uint32_t ssrc, std::uint16_t sequence, Time now);

  [[nodiscard]] const std::optional<Address>& to() const { return to_; }
  // RTCP and other traffic: does it come from the peer's host?
  [[nodiscard]] bool is_peer_host(const IpAddress& ip) const;
  [[nodiscard]] std::optional<std::uint32_t> ssrc() const { return ssrc_; }
  [[nodiscard]] const std::optional<Address>& from() const { return from_; }  // of the last accepted packet
  [[nodiscard]] const std::optional<Address>& signalled() const { return signalled_; }
  [[nodiscard]] Time heard_at() const { return heard_at_; }

 private:
  [[nodiscard]] bool may_return(const Address& from, std::uint32_t ssrc) const;
  bool may_take_over(const Address& from, std::uint32_t ssrc, std::uint16_t sequence, Time now);
  bool may_change_ssrc(std::uint32_t ssrc, Time now) const;
  Verdict take(const Address& from, std::uint32_t ssrc, Time now);

  std::optional<Address> signalled_, from_, to_;
  Time signalled_at_{}, heard_at_{}, ssrc_changed_at_{};
  std::optional<std::uint32_t> ssrc_, previous_ssrc_;
  struct Candidate {
    Address from;
    std::uint32_t ssrc = 0;
    std::uint16_t next_sequence = 0;
  };
  std::optional<Candidate> candidate_;
  // Who was the peer for longer than who took its place in a silence.
  struct Displaced {
    Address from;
    std::uint32_t ssrc = 0;
    Duration tenure{0};
  };
  std::optional<Displaced> displaced_;
  Time since_{};  // from_ has been the peer
};

}  // namespace sidetone::media
