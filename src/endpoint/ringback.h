// What a caller hears until the answer, per ringback_enabled: the far end's early media or a local tone.
// Decided over all early dialogs of one call (a fork has several), by what each one said and by whether media
// arrive. Pure.
#pragma once

#include <cstdint>
#include <vector>

namespace sidetone::endpoint {

class Ringback {
 public:
  // 0, 1, 2, 3, 4 or 6, as bits: 1 reliable early media, 2 the local tone, 4 any early media.
  explicit Ringback(int mode) : mode_(mode) {}

  // A provisional response of an early dialog. `reliable`: RFC 3262.
  void progress(std::uint64_t branch, int status, bool describes_media, bool reliable);
  void media_flows(bool flows) { flows_ = flows; }

  // Whether this description's media are to be heard.
  [[nodiscard]] bool admits(bool reliable) const {
    return (mode_ & 4) != 0 || ((mode_ & 1) != 0 && reliable);
  }
  [[nodiscard]] bool hears_media() const;  // of some early dialog
  [[nodiscard]] bool wants_tone() const;

 private:
  struct Branch {
    std::uint64_t id = 0;
    bool alerts = false;  // 180, or a description whose ring-back nobody hears
    bool heard = false;   // its media are let through
  };
  Branch* find(std::uint64_t id);

  int mode_;
  bool flows_ = false;
  std::vector<Branch> branches_;
};

}  // namespace sidetone::endpoint
