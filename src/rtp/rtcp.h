// RTCP compound packets (RFC 3550 §6): SR, RR, SDES with CNAME, BYE. Reading visits views, writing fills a
// buffer of the caller; neither allocates.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/time.h"

namespace sidetone::rtp {

enum class RtcpType : std::uint8_t { sr = 200, rr = 201, sdes = 202, bye = 203, app = 204, xr = 207 };

// §4: seconds and fraction. Ours count from the injected clock's start, which §4 allows ("elapsed time").
[[nodiscard]] std::uint64_t ntp_from(Time time);
[[nodiscard]] constexpr std::uint32_t middle_32(std::uint64_t ntp) {
  return static_cast<std::uint32_t>(ntp >> 16);
}

struct ReportBlock {  // §6.4.1
  std::uint32_t ssrc = 0;
  std::uint8_t fraction_lost = 0;    // of 256
  std::int32_t cumulative_lost = 0;  // 24 bits, signed
  std::uint32_t highest_sequence = 0;
  std::uint32_t jitter = 0;  // timestamp units
  std::uint32_t last_sr = 0;
  std::uint32_t delay_since_last_sr = 0;  // 1/65536 s
};

struct SenderInfo {
  std::uint64_t ntp = 0;
  std::uint32_t rtp_timestamp = 0;
  std::uint32_t packets = 0;
  std::uint32_t bytes = 0;
};

// A report counter has 5 bits, so one packet has at most 31 blocks.
inline constexpr std::size_t report_blocks_max = 31;

struct RtcpPacket {
  RtcpType type = RtcpType::rr;
  std::uint8_t count = 0;                                       // RC, SC or subtype
  std::span<const std::uint8_t> body;                           // behind the 4-byte header, without padding
  [[nodiscard]] std::uint32_t ssrc() const;                     // first word of the body; 0: there is none
  [[nodiscard]] std::optional<SenderInfo> sender_info() const;  // SR
  [[nodiscard]] std::optional<ReportBlock> report(std::size_t index) const;  // SR, RR
  // SDES: the CNAME of the first chunk that is `ssrc`'s. Empty: none.
  [[nodiscard]] std::string_view cname(std::uint32_t ssrc) const;
  [[nodiscard]] bool says_bye(std::uint32_t ssrc) const;
};

// Walks a compound packet. `valid()` has checked everything of §A.2 before the first `next()`.
class CompoundReader {
 public:
  explicit CompoundReader(std::span<const std::uint8_t> bytes);
  [[nodiscard]] bool valid() const { return valid_; }
  std::optional<RtcpPacket> next();

 private:
  std::span<const std::uint8_t> rest_;
  bool valid_;
};

class CompoundWriter {
 public:
  explicit CompoundWriter(std::span<std::uint8_t> to) : to_(to) {}
  void sender_report(std::uint32_t ssrc, const SenderInfo& info, std::span<const ReportBlock> blocks);
  void receiver_report(std::uint32_t ssrc, std::span<const ReportBlock> blocks);
  void sdes_cname(std::uint32_t ssrc, std::string_view cname);  // cut at 255 bytes (§6.5)
  void bye(std::uint32_t ssrc);
  void extended_report(std::uint32_t ssrc, std::span<const std::uint8_t> blocks);  // RFC 3611 §2
  // Bytes written; 0 when the buffer was too small for all that was asked.
  [[nodiscard]] std::size_t size() const { return failed_ ? 0 : size_; }

 private:
  std::uint8_t* take(RtcpType type, std::size_t count, std::size_t body_size);
  static void put_blocks(std::uint8_t* to, std::span<const ReportBlock> blocks);

  std::span<std::uint8_t> to_;
  std::size_t size_ = 0;
  bool failed_ = false;
};

}  // namespace sidetone::rtp
