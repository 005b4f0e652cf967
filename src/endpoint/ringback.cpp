#include "endpoint/ringback.h"

#include <algorithm>

namespace sidetone::endpoint {
namespace {

// As many early dialogs as a media session keeps (media_session.cpp); more change nothing.
constexpr std::size_t branches_max = 16;

}  // namespace

Ringback::Branch* Ringback::find(std::uint64_t id) {
  const auto found = std::find_if(branches_.begin(), branches_.end(),
                                  [id](const Branch& branch) { return branch.id == id; });
  if (found != branches_.end()) return &*found;
  if (branches_.size() == branches_max) return nullptr;
  return &branches_.emplace_back(Branch{.id = id});
}

void Ringback::progress(std::uint64_t id, int status, bool describes_media, bool reliable) {
  if (status == 199) {  // RFC 6228 §3: this early dialog is over
    std::erase_if(branches_, [id](const Branch& branch) { return branch.id == id; });
    return;
  }
  auto* branch = find(id);
  if (branch == nullptr) return;
  if (describes_media && admits(reliable)) branch->heard = true;
  // RFC 3960 §3.2: no local ringing without a 180. A far end whose early media are not let through believes
  // that it is heard: there the tone takes their place.
  if (status == 180 || (describes_media && !branch->heard)) branch->alerts = true;
}

bool Ringback::hears_media() const {
  return std::any_of(branches_.begin(), branches_.end(), [](const Branch& branch) { return branch.heard; });
}

bool Ringback::wants_tone() const {
  if ((mode_ & 2) == 0 || (flows_ && hears_media())) return false;
  return std::any_of(branches_.begin(), branches_.end(), [](const Branch& branch) { return branch.alerts; });
}

}  // namespace sidetone::endpoint
