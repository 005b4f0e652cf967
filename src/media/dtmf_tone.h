// DTMF digits as sound (ITU-T Q.23), 10 ms at a time. Neither locks nor allocates.
#pragma once

#include <array>
#include <cstdint>

#include "media/audio_stream.h"
#include "media/oscillator.h"

namespace sidetone::media {

// Hz, in the order of rows and columns on the keys.
inline constexpr std::array<double, 4> dtmf_rows{697, 770, 852, 941}, dtmf_columns{1209, 1336, 1477, 1633};
// The key at 4 * row + column.
inline constexpr char dtmf_keys[] = "123A456B789C*0#D";
// No key, and never sent: a beep for our own user.
inline constexpr char beep_key = '!';

class DtmfTone {
 public:
  // `percent` of the level at which digits are sent.
  explicit DtmfTone(int percent = 100) : level_(percent / 100.0) {}

  // What sounds from the next frame on; 0: nothing. The tone fades in and out, without a click.
  void follow(char digit) { wanted_ = digit; }
  [[nodiscard]] bool sounding() const { return wanted_ != 0 || digit_ != 0; }
  // The next 10 ms, in place of what is in `frame`. Silence when nothing sounds.
  void next(Frame& frame);

 private:
  void begin();
  double level_;
  char wanted_ = 0, digit_ = 0;
  int gain_ = 0;  // 0 to ramp_samples
  Oscillator row_, column_;
};

}  // namespace sidetone::media
