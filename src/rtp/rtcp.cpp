#include "rtp/rtcp.h"

#include <algorithm>
#include <cstring>

#include "rtp/bytes.h"

namespace sidetone::rtp {
namespace {

constexpr std::size_t sender_info_size = 20;
constexpr std::size_t block_size = 24;
constexpr std::uint8_t cname_item = 1;  // §6.5.1

std::size_t packet_size(std::span<const std::uint8_t> bytes) {
  return (std::size_t{get_16(&bytes[2])} + 1) * 4;
}

// §A.2: version 2 throughout, SR or RR first, padding at most in the last, lengths that add up.
bool check_compound(std::span<const std::uint8_t> bytes) {
  bool first = true;
  while (!bytes.empty()) {
    if (bytes.size() < 4 || bytes[0] >> 6 != 2) return false;
    const auto size = packet_size(bytes);
    if (size > bytes.size()) return false;
    const bool padded = (bytes[0] & 0x20) != 0;
    if (padded) {
      if (size != bytes.size()) return false;
      const std::size_t padding = bytes[size - 1];
      if (padding == 0 || padding % 4 != 0 || padding > size - 4) return false;
    }
    const auto type = bytes[1];
    if (first && (padded || (type != 200 && type != 201))) return false;
    first = false;
    bytes = bytes.subspan(size);
  }
  return !first;
}

std::int32_t sign_extend_24(std::uint32_t value) {
  return (value & 0x800000) != 0 ? static_cast<std::int32_t>(value | 0xff000000)
                                 : static_cast<std::int32_t>(value);
}

}  // namespace

std::uint64_t ntp_from(Time time) {
  const auto us = static_cast<std::uint64_t>(std::max<std::int64_t>(0, time.time_since_epoch().count()));
  return us / 1000000 << 32 | ((us % 1000000) << 32) / 1000000;
}

std::uint32_t RtcpPacket::ssrc() const { return body.size() < 4 ? 0 : get_32(body.data()); }

std::optional<SenderInfo> RtcpPacket::sender_info() const {
  if (type != RtcpType::sr || body.size() < 4 + sender_info_size) return std::nullopt;
  const auto* at = body.data() + 4;
  return SenderInfo{std::uint64_t{get_32(at)} << 32 | get_32(at + 4), get_32(at + 8), get_32(at + 12),
                    get_32(at + 16)};
}

std::optional<ReportBlock> RtcpPacket::report(std::size_t index) const {
  if ((type != RtcpType::sr && type != RtcpType::rr) || index >= count) return std::nullopt;
  const auto at = 4 + (type == RtcpType::sr ? sender_info_size : 0) + index * block_size;
  if (body.size() < at + block_size) return std::nullopt;
  const auto* from = body.data() + at;
  const auto lost = get_32(from + 4);
  ReportBlock block;
  block.ssrc = get_32(from);
  block.fraction_lost = static_cast<std::uint8_t>(lost >> 24);
  block.cumulative_lost = sign_extend_24(lost & 0xffffff);
  block.highest_sequence = get_32(from + 8);
  block.jitter = get_32(from + 12);
  block.last_sr = get_32(from + 16);
  block.delay_since_last_sr = get_32(from + 20);
  return block;
}

std::string_view RtcpPacket::cname(std::uint32_t ssrc) const {
  if (type != RtcpType::sdes) return {};
  auto rest = body;
  // §6.5: each chunk is an SSRC and items up to a zero octet, padded to 32 bits.
  for (int chunk = 0; chunk < count && rest.size() >= 4; ++chunk) {
    const bool ours = get_32(rest.data()) == ssrc;
    std::size_t at = 4;
    while (at < rest.size() && rest[at] != 0) {
      if (at + 2 > rest.size() || at + 2 + rest[at + 1] > rest.size()) return {};
      if (ours && rest[at] == cname_item)
        return {reinterpret_cast<const char*>(rest.data() + at + 2), rest[at + 1]};
      at += 2 + std::size_t{rest[at + 1]};
    }
    at = (at / 4 + 1) * 4;
    if (at > rest.size()) return {};
    rest = rest.subspan(at);
  }
  return {};
}

bool RtcpPacket::says_bye(std::uint32_t ssrc) const {
  if (type != RtcpType::bye) return false;
  for (std::size_t i = 0; i < count && (i + 1) * 4 <= body.size(); ++i)
    if (get_32(body.data() + i * 4) == ssrc) return true;
  return false;
}

CompoundReader::CompoundReader(std::span<const std::uint8_t> bytes)
    : rest_(bytes), valid_(check_compound(bytes)) {}

std::optional<RtcpPacket> CompoundReader::next() {
  if (!valid_ || rest_.empty()) return std::nullopt;
  const auto size = packet_size(rest_);
  RtcpPacket packet;
  packet.type = static_cast<RtcpType>(rest_[1]);
  packet.count = rest_[0] & 0x1f;
  packet.body = rest_.subspan(4, size - 4);
  if ((rest_[0] & 0x20) != 0) packet.body = packet.body.first(packet.body.size() - rest_[size - 1]);
  rest_ = rest_.subspan(size);
  return packet;
}

std::uint8_t* CompoundWriter::take(RtcpType type, std::size_t count, std::size_t body_size) {
  if (failed_ || to_.size() - size_ < 4 + body_size) {
    failed_ = true;
    return nullptr;
  }
  auto* at = to_.data() + size_;
  at[0] = static_cast<std::uint8_t>(2 << 6 | count);
  at[1] = static_cast<std::uint8_t>(type);
  put_16(at + 2, static_cast<std::uint16_t>(body_size / 4));
  size_ += 4 + body_size;
  return at + 4;
}

void CompoundWriter::put_blocks(std::uint8_t* to, std::span<const ReportBlock> blocks) {
  for (const auto& block : blocks) {
    put_32(to, block.ssrc);
    const auto lost = std::clamp(block.cumulative_lost, -0x800000, 0x7fffff);
    put_32(to + 4, std::uint32_t{block.fraction_lost} << 24 | (static_cast<std::uint32_t>(lost) & 0xffffff));
    put_32(to + 8, block.highest_sequence);
    put_32(to + 12, block.jitter);
    put_32(to + 16, block.last_sr);
    put_32(to + 20, block.delay_since_last_sr);
    to += block_size;
  }
}

void CompoundWriter::sender_report(std::uint32_t ssrc, const SenderInfo& info,
                                   std::span<const ReportBlock> blocks) {
  blocks = blocks.first(std::min(blocks.size(), report_blocks_max));
  auto* at = take(RtcpType::sr, blocks.size(), 4 + sender_info_size + blocks.size() * block_size);
  if (at == nullptr) return;
  put_32(at, ssrc);
  put_32(at + 4, static_cast<std::uint32_t>(info.ntp >> 32));
  put_32(at + 8, static_cast<std::uint32_t>(info.ntp));
  put_32(at + 12, info.rtp_timestamp);
  put_32(at + 16, info.packets);
  put_32(at + 20, info.bytes);
  put_blocks(at + 4 + sender_info_size, blocks);
}

void CompoundWriter::receiver_report(std::uint32_t ssrc, std::span<const ReportBlock> blocks) {
  blocks = blocks.first(std::min(blocks.size(), report_blocks_max));
  auto* at = take(RtcpType::rr, blocks.size(), 4 + blocks.size() * block_size);
  if (at == nullptr) return;
  put_32(at, ssrc);
  put_blocks(at + 4, blocks);
}

void CompoundWriter::sdes_cname(std::uint32_t ssrc, std::string_view cname) {
  cname = cname.substr(0, 255);
  // SSRC, item, at least one zero octet, up to the next 32-bit boundary.
  const std::size_t body = (4 + 2 + cname.size() + 1 + 3) / 4 * 4;
  auto* at = take(RtcpType::sdes, 1, body);
  if (at == nullptr) return;
  std::memset(at, 0, body);
  put_32(at, ssrc);
  at[4] = cname_item;
  at[5] = static_cast<std::uint8_t>(cname.size());
  if (!cname.empty()) std::memcpy(at + 6, cname.data(), cname.size());
}

void CompoundWriter::extended_report(std::uint32_t ssrc, std::span<const std::uint8_t> blocks) {
  if (blocks.empty() || blocks.size() % 4 != 0) return;
  auto* at = take(RtcpType::xr, 0, 4 + blocks.size());
  if (at == nullptr) return;
  put_32(at, ssrc);
  std::memcpy(at + 4, blocks.data(), blocks.size());
}

void CompoundWriter::bye(std::uint32_t ssrc) {
  if (auto* at = take(RtcpType::bye, 1, 4)) put_32(at, ssrc);
}

}  // namespace sidetone::rtp
