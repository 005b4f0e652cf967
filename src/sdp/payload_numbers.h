// Which encoding each payload type has meant in one call. RFC 3264 §8.3.2: a number keeps its meaning for
// the life of the session, in offers and answers of both sides.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sdp/rtp_format.h"

namespace sidetone::sdp {

class PayloadNumbers {
 public:
  // The peer has used this number; its word stands, also against what the number meant before: a third
  // party that joins two calls changes the peer, and with it the meanings.
  void learn(const RtpFormat& format);

  // The number for our next offer: the one last used for this encoding, else the wanted one, else a free
  // one. It is learned at once.
  std::uint8_t number_for(const RtpFormat& wanted);

 private:
  [[nodiscard]] bool is_free(std::uint8_t number) const;

  std::vector<RtpFormat> known_;  // latest last; at most one for each of the 128 numbers
};

}  // namespace sidetone::sdp
