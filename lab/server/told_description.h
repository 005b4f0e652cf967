// What one leg has been told in session descriptions. As long as one other leg is behind them they pass
// untouched. Once third-party control has joined several origins into one dialog, the server owns the o=
// line: RFC 3264 §8 wants one origin per session whose version rises by one with each change, and never else.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sdp/session_description.h"

namespace sidetone::lab {

class ToldDescription {
 public:
  // What to send for `sdp`, which is then what was told last. An empty one (a delayed offer) says nothing.
  [[nodiscard]] std::string tell(std::string_view sdp);
  // From now on descriptions of several origins come: the server owns the o= line.
  void own() { owned_ = true; }
  [[nodiscard]] const std::string& last() const { return last_; }

 private:
  bool owned_ = false;
  std::string last_;
  std::optional<sdp::SessionDescription> described_;  // the same, read; nothing when it cannot be
};

}  // namespace sidetone::lab
