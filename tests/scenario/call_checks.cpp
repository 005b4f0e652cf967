#include "call_checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "event_book.h"

namespace sidetone::test {

std::string check_events(const std::vector<Watched>& stacks) {
  std::string found;
  for (const auto& watched : stacks) {
    if (!watched.history) continue;
    const EventBook book(*watched.history);
    for (const auto& text : book.contradictions()) found += fmt::format("{}: {}\n", watched.name, text);
  }
  return found;
}

std::string check_stories(const std::vector<Watched>& stacks) {
  std::string found;
  for (const auto& watched : stacks) {
    if (!watched.history) continue;
    const EventBook book(*watched.history);
    for (const auto& [id, story] : book.sessions()) {
      const auto complain = [&, session = id](std::string_view what) {
        found += fmt::format("{}: session {} {}\n", watched.name, session.value, what);
      };
      const auto facts = watched.stack->dialog(id);
      if (story.ends > 1) complain("ended more than once");
      if (story.ends != 0 && facts) complain("ended, yet has a dialog");
      const bool up = story.accepted || story.confirmed;
      if (story.ends == 0 && up && !(facts && facts->confirmed)) complain("is up by its events only");
      if (facts && facts->confirmed && !up && !story.incoming) complain("is up without an event");
    }
  }
  return found;
}

std::string check_both_sides(const std::vector<Watched>& stacks) {
  struct Side {
    const Watched* watched;
    sip::Stack::DialogFacts facts;
  };
  std::vector<Side> sides;
  for (const auto& watched : stacks)
    for (std::uint64_t i = 1; i <= sessions_max; ++i)
      if (const auto facts = watched.stack->dialog(sip::SessionId{i}); facts && facts->confirmed)
        sides.push_back({&watched, *facts});
  const auto mirrors = [](const Side& a, const Side& b) {
    return a.facts.call_id == b.facts.call_id && a.facts.local_tag == b.facts.remote_tag &&
           a.facts.remote_tag == b.facts.local_tag;
  };
  std::string found;
  for (const auto& side : sides) {
    const auto is_peer = [&](const Watched& watched) {
      return side.facts.remote_target.find(watched.ip) != std::string::npos;
    };
    if (std::none_of(stacks.begin(), stacks.end(), is_peer)) continue;  // a script's part
    if (std::none_of(sides.begin(), sides.end(), [&](const Side& other) { return mirrors(side, other); }))
      found +=
          fmt::format("{}: the call {} is up on this side only\n", side.watched->name, side.facts.call_id);
  }
  return found;
}

std::string check_ended(const std::vector<Watched>& stacks) {
  std::string found;
  for (const auto& watched : stacks) {
    if (!watched.history) continue;
    const EventBook book(*watched.history);
    for (const auto& [id, story] : book.sessions())
      if (story.ends != 1)
        found += fmt::format("{}: session {} ended {} times\n", watched.name, id.value, story.ends);
  }
  return found;
}

}  // namespace sidetone::test
