#include "foreign_rtp.h"

#include <iterator>

namespace sidetone::flood {
namespace {

constexpr std::size_t header_size = 12;
constexpr std::size_t payload_size = 60;  // some 20 ms of Opus

std::uint32_t word(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
  return value;
}

void put(std::string& out, std::uint32_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i) & 0xff);
}

}  // namespace

RtpMaker::RtpMaker(Address rtp, std::vector<std::string> overheard, std::uint64_t seed)
    : rtp_(rtp), random_(seed) {
  for (auto& packet : overheard)
    if (packet.size() > header_size) overheard_.push_back(std::move(packet));
  stream_ssrc_ = static_cast<std::uint32_t>(random_.next());
}

RtpMaker::Made RtpMaker::make(std::uint64_t number) {
  std::string& out = places_[number % places_.size()];
  out.clear();
  constexpr Way ways[] = {Way::spray, Way::stream, Way::replay, Way::continue_};
  if (number % 16 == 15) {  // some RTCP, to the port behind
    rtcp(out);
    return {{rtp_.ip, static_cast<std::uint16_t>(rtp_.port + 1)}, out};
  }
  auto way = ways[number % std::size(ways)];
  if (overheard_.empty() && (way == Way::replay || way == Way::continue_)) way = Way::stream;
  rtp(out, way, number);
  return {rtp_, out};
}

std::uint8_t RtpMaker::payload_type() const {
  return overheard_.empty() ? 111 : static_cast<std::uint8_t>(overheard_.back()[1]) & 0x7fU;
}

void RtpMaker::write_header(std::string& out, std::uint8_t payload_type, std::uint16_t sequence,
                            std::uint32_t timestamp, std::uint32_t ssrc) {
  out += static_cast<char>(0x80);
  out += static_cast<char>(payload_type);
  put(out, sequence, 2);
  put(out, timestamp, 4);
  put(out, ssrc, 4);
}

void RtpMaker::rtp(std::string& out, Way way, std::uint64_t number) {
  const auto step = static_cast<std::uint32_t>(number / 4);
  switch (way) {
    case Way::spray:
      write_header(out, static_cast<std::uint8_t>(random_.below(128)),
                   static_cast<std::uint16_t>(random_.next()), static_cast<std::uint32_t>(random_.next()),
                   static_cast<std::uint32_t>(random_.next()));
      break;
    case Way::stream:
      write_header(out, payload_type(), static_cast<std::uint16_t>(step), step * 960, stream_ssrc_);
      break;
    case Way::replay: out = overheard_[step % overheard_.size()]; return;
    case Way::continue_: {
      const auto& last = overheard_.back();
      write_header(out, payload_type(), static_cast<std::uint16_t>(word(last, 0) + 1 + step % 100),
                   word(last, 4) + (1 + step % 100) * 960, word(last, 8));
    }
  }
  for (std::size_t i = 0; i < payload_size; ++i) out += static_cast<char>(random_.next());
}

// A receiver report and a BYE in the peer's name (RFC 3550 §6.4.2, §6.6), the BYE's reason longer than it is.
void RtpMaker::rtcp(std::string& out) {
  const auto ssrc =
      overheard_.empty() ? static_cast<std::uint32_t>(random_.next()) : word(overheard_.back(), 8);
  put(out, 0x80c90001, 4);
  put(out, ssrc, 4);
  put(out, 0x81cb0002, 4);
  put(out, ssrc, 4);
  put(out, 0xff626164, 4);
}

}  // namespace sidetone::flood
