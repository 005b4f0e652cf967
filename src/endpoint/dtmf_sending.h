// The digits that one call still has to send: each SendDtmf is a batch, which goes by one method and is told
// as a whole; one after the other, so that digits never overtake each other. Pure.
#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <string>

#include "sidetone/types.h"

namespace sidetone::endpoint {

struct DtmfTiming {
  std::chrono::milliseconds tone{100}, gap{60};
  friend bool operator==(const DtmfTiming&, const DtmfTiming&) = default;
};

class DtmfSending {
 public:
  // Bound: what a person, or a calling card, sends at once; the media side has room for as many.
  static constexpr std::size_t digits_max = 40;
  [[nodiscard]] static bool is_sendable(const std::string& digits);

  // False: no room.
  bool push(std::string digits, DtmfTiming timing);
  // A batch waits and none is on its way.
  [[nodiscard]] bool is_waiting() const { return !batches_.empty() && !method_; }
  void begin(DtmfMethod method) { method_ = method; }

  // The method of the batch on its way, and what is left of it.
  [[nodiscard]] const std::optional<DtmfMethod>& method() const { return method_; }
  [[nodiscard]] std::string left() const;
  [[nodiscard]] DtmfTiming timing() const;

  struct Sent {
    std::string digits;
    DtmfMethod method = DtmfMethod::rfc2833;
  };
  // One digit has left. The batch, when it was the last of it.
  std::optional<Sent> advance();
  // What is left of the batch goes by another method: it waits again. What of it has left, if any.
  std::optional<Sent> turn_back();
  // Nothing more leaves. How many digits did not.
  std::size_t give_up();

 private:
  struct Batch {
    std::string digits;
    std::size_t sent = 0;
    DtmfTiming timing;
  };
  std::deque<Batch> batches_;
  std::size_t waiting_ = 0;  // digits, of all batches
  std::optional<DtmfMethod> method_;
};

}  // namespace sidetone::endpoint
