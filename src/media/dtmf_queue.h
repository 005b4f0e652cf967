// Digits that wait to be sent as telephone-events, one after the other. Stepped every 10 ms.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "rtp/telephone_event.h"

namespace sidetone::media {

class DtmfQueue {
 public:
  // All or nothing.
  bool push(std::string_view digits, std::chrono::milliseconds tone, std::chrono::milliseconds gap);
  void clear();
  [[nodiscard]] bool idle() const { return count_ == 0 && !sender_.busy() && pause_left_ == 0; }
  // No audio leaves meanwhile: events replace it in the stream (RFC 4733 §2.1).
  [[nodiscard]] bool sounding() const { return sender_.sounding(); }

  struct Step {
    std::optional<rtp::EventSender::Report> report;
    bool began = false;
    std::optional<char> ended;
    std::chrono::milliseconds duration{0};
  };
  // `timestamp` is the RTP time of these 10 ms, `clock_hz` its rate.
  Step step(std::uint32_t timestamp, int clock_hz);

 private:
  struct Digit {
    char digit = 0;
    std::uint16_t tone_ms = 0, gap_ms = 0;
  };
  void begin_next(std::uint32_t timestamp, int clock_hz, Step& step);
  static constexpr std::size_t digits_max = 40;
  std::array<Digit, digits_max> digits_;
  std::size_t first_ = 0, count_ = 0;
  Digit current_;
  rtp::EventSender sender_;
  int pause_left_ = 0;    // ticks
  int until_report_ = 0;  // ticks
};

}  // namespace sidetone::media
