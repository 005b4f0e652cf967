#include "sim/trace.h"

#include <fmt/format.h>

#include <cstring>

namespace sidetone::sim {

std::string stamp(Time now) {
  const auto us = now.time_since_epoch().count();
  return fmt::format("{:>4}.{:03}", us / 1000000, us / 1000 % 1000);
}

void Trace::mix(std::uint64_t word) {
  hash_ ^= word;
  hash_ *= 0x9e3779b97f4a7c15u;
  hash_ ^= hash_ >> 29;
}

void Trace::delivered(Time now, std::string_view bytes) {
  mix(static_cast<std::uint64_t>(now.time_since_epoch().count()));
  while (bytes.size() >= sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    mix(word);
    bytes.remove_prefix(sizeof word);
  }
  std::uint64_t rest = 1;
  for (const char c : bytes) rest = rest << 8 | static_cast<unsigned char>(c);
  mix(rest);
}

void Trace::add(Time now, std::string_view who, std::string_view text) {
  lines_.push_back(fmt::format("{} {:<10} {}", stamp(now), who, text));
}

void Trace::write(LogRecord record) { add(record.time, to_string(record.tag), record.text); }

void Trace::trace(SipRecord record) {
  const std::string_view bytes = *record.bytes;
  auto first = bytes.substr(0, bytes.find("\r\n"));
  const auto cseq = bytes.find("\r\nCSeq:");
  std::string_view number;
  if (cseq != std::string_view::npos) {
    number = bytes.substr(cseq + 2);
    number = number.substr(0, number.find("\r\n"));
  }
  // Each message is seen by its sender and its receiver; the arrow tells who speaks.
  lines_.push_back(fmt::format("{} {:<21} {} {:<21} {} {} | {}", stamp(record.time), record.local.to_string(),
                               record.direction == SipDirection::out ? "->" : "<-", record.remote.to_string(),
                               record.transport, first, number));
  messages_.push_back(std::move(record));
}

}  // namespace sidetone::sim
