// Digits that wait to be sent in the media, one after the other, as telephone-events or as tones. Stepped
// every 10 ms.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "media/audio_stream.h"
#include "rtp/telephone_event.h"

namespace sidetone::media {

class DtmfQueue {
 public:
  // All or nothing.
  bool push(std::string_view digits, std::chrono::milliseconds tone, std::chrono::milliseconds gap,
            DigitWay way);
  void clear();
  [[nodiscard]] bool idle() const {
    return count_ == 0 && !sender_.busy() && pause_left_ == 0 && tone_left_ == 0;
  }
  [[nodiscard]] bool by_events() const {
    return sender_.busy() || (count_ > 0 && digits_[first_].way == DigitWay::events);
  }
  // What its user hears of it: the digit that sounds now, 0: none.
  [[nodiscard]] char sounding_digit() const {
    return tone_left_ > 0 || (sender_.sounding() && !sender_.ending()) ? current_.digit : char{0};
  }
  // No audio leaves meanwhile: events replace it in the stream (RFC 4733 §2.1).
  [[nodiscard]] bool sounding() const { return sender_.sounding(); }

  // The same of tones alone.
  [[nodiscard]] char sounding_tone() const { return tone_left_ > 0 ? current_.digit : char{0}; }

  struct Step {
    std::optional<rtp::EventSender::Report> report;
    bool began = false;  // an event
    char tone = 0;       // what sounds in place of the speech
    bool quiet = false;  // the gap behind it
    std::optional<char> ended;
    std::chrono::milliseconds duration{0};
  };
  // `timestamp` is the RTP time of these 10 ms, `clock_hz` its rate.
  Step step(std::uint32_t timestamp, int clock_hz);

 private:
  struct Digit {
    char digit = 0;
    std::uint16_t tone_ms = 0, gap_ms = 0;
    DigitWay way = DigitWay::events;
  };
  void sound(Step& step);
  void pause(Step& step);
  void begin_next(std::uint32_t timestamp, int clock_hz, Step& step);
  static constexpr std::size_t digits_max = 40;
  std::array<Digit, digits_max> digits_;
  std::size_t first_ = 0, count_ = 0;
  Digit current_;
  rtp::EventSender sender_;
  int pause_left_ = 0;    // ticks, of a comma or behind a tone
  int tone_left_ = 0;     // ticks
  int until_report_ = 0;  // ticks
};

}  // namespace sidetone::media
