// RTP and RTCP of somebody who is not the peer, each in the way that has worked against some endpoint.
#pragma once

#include <string>
#include <vector>

#include "base/address.h"
#include "base/random.h"

namespace sidetone::flood {

class RtpMaker {
 public:
  // `overheard`: packets of the peer's stream. Without them headers are guessed.
  RtpMaker(Address rtp, std::vector<std::string> overheard, std::uint64_t seed);

  struct Made {
    Address to;
    const std::string& bytes;
  };
  // Valid until 64 more were made.
  Made make(std::uint64_t number);

 private:
  enum class Way {
    spray,     // random SSRC, sequence number, timestamp and payload type
    stream,    // a steady stream with an SSRC of its own: two packets in sequence convince RFC 3550 §A.1
    replay,    // the peer's packets again
    continue_  // the peer's SSRC, its next sequence numbers and timestamps, noise as payload
  };
  void rtp(std::string& out, Way way, std::uint64_t number);
  void rtcp(std::string& out);
  void write_header(std::string& out, std::uint8_t payload_type, std::uint16_t sequence,
                    std::uint32_t timestamp, std::uint32_t ssrc);
  [[nodiscard]] std::uint8_t payload_type() const;

  Address rtp_;
  std::vector<std::string> overheard_;
  SeededRandom random_;
  std::vector<std::string> places_{64};
  std::uint32_t stream_ssrc_;
};

}  // namespace sidetone::flood
