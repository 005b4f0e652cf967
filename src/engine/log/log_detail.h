// What is written and what is not: levels for each tag, and whether SIP messages are.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/log.h"
#include "config/configuration.h"

namespace sidetone::engine {

class LogDetail {
 public:
  // All tags up to the same level; SIP messages from `info` on.
  static LogDetail up_to(LogLevel level);
  // log_level, log_options_endpoint and log_options_provider. log_level limits all of it.
  static LogDetail of(const config::DiagnosticsOptions& options);

  void set(LogTag tag, LogLevels levels) { levels_.at(static_cast<std::size_t>(tag)) = levels; }
  void set_sip_messages(bool on) { sip_messages_ = on; }
  [[nodiscard]] LogLevels of(LogTag tag) const { return levels_.at(static_cast<std::size_t>(tag)); }
  [[nodiscard]] bool sip_messages() const { return sip_messages_; }

  // In one word, so that any thread may look while another one changes it: five bits for each tag.
  [[nodiscard]] std::uint64_t packed() const;
  [[nodiscard]] static bool packed_wants(std::uint64_t packed, LogTag tag, LogLevel level) {
    return ((packed >> (5 * static_cast<unsigned>(tag) + static_cast<unsigned>(level))) & 1U) != 0;
  }
  [[nodiscard]] static bool packed_wants_sip(std::uint64_t packed) { return (packed >> 63) != 0; }

  // "gsept=2,gsip=3,pjnt=3,rtpt=(error,fatal),webrtc=3": as log_options_provider has it.
  [[nodiscard]] std::string text() const;
  friend bool operator==(const LogDetail&, const LogDetail&) = default;

 private:
  std::array<LogLevels, log_tags> levels_;
  bool sip_messages_ = false;
};

}  // namespace sidetone::engine
