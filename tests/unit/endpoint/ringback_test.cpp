// What a caller hears before the answer: ringback_enabled over responses with and without media, reliable or
// not, of one or several early dialogs.
#include "endpoint/ringback.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sidetone::endpoint {
namespace {

struct Step {
  std::uint64_t branch;
  int status;
  bool media, reliable;
};
constexpr Step rings{1, 180, false, false}, early_183{1, 183, true, false}, reliable_183{1, 183, true, true},
    early_180{1, 180, true, false}, reliable_180{1, 180, true, true}, progress{1, 183, false, false};

// "-" nothing, "tone", "media", by the time that nothing has arrived / that packets arrive.
std::string heard(int mode, const std::vector<Step>& steps, bool flows) {
  Ringback ringback(mode);
  for (const auto& step : steps) ringback.progress(step.branch, step.status, step.media, step.reliable);
  ringback.media_flows(flows && ringback.hears_media());
  if (ringback.wants_tone()) return flows && ringback.hears_media() ? "both" : "tone";
  return ringback.hears_media() && flows ? "media" : "-";
}

TEST(RingbackEnabled, EveryModeForEachResponse) {
  const struct {
    const char* name;
    std::vector<Step> steps;
    // Modes 0, 1, 2, 3, 4, 6; before media arrive, and then.
    std::vector<const char*> silent, flowing;
  } rows[] = {
      {"180", {rings}, {"-", "-", "tone", "tone", "-", "tone"}, {"-", "-", "tone", "tone", "-", "tone"}},
      {"183 without media", {progress}, {"-", "-", "-", "-", "-", "-"}, {"-", "-", "-", "-", "-", "-"}},
      {"183 with media, not reliable",
       {early_183},
       {"-", "-", "tone", "tone", "-", "-"},
       {"-", "-", "tone", "tone", "media", "media"}},
      {"183 with media, reliable (RFC 3262)",
       {reliable_183},
       {"-", "-", "tone", "-", "-", "-"},
       {"-", "media", "tone", "media", "media", "media"}},
      {"180 with media, not reliable",
       {early_180},
       {"-", "-", "tone", "tone", "-", "tone"},
       {"-", "-", "tone", "tone", "media", "media"}},
      {"180 with media, reliable: RFC 3960 §3.2, local ringing until packets come",
       {reliable_180},
       {"-", "-", "tone", "tone", "-", "tone"},
       {"-", "media", "tone", "media", "media", "media"}},
      {"180, then 183 with media, reliable",
       {rings, reliable_183},
       {"-", "-", "tone", "tone", "-", "tone"},
       {"-", "media", "tone", "media", "media", "media"}},
      {"fork: one rings, another has reliable media",
       {rings, {2, 183, true, true}},
       {"-", "-", "tone", "tone", "-", "tone"},
       {"-", "media", "tone", "media", "media", "media"}},
      {"fork: reliable media of one, unreliable of another",
       {reliable_183, {2, 183, true, false}},
       {"-", "-", "tone", "tone", "-", "-"},
       {"-", "media", "tone", "media", "media", "media"}},
      {"fork: the one with media is over (199, RFC 6228)",
       {{2, 183, true, true}, rings, {2, 199, false, false}},
       {"-", "-", "tone", "tone", "-", "tone"},
       {"-", "-", "tone", "tone", "-", "tone"}},
  };
  constexpr int modes[] = {0, 1, 2, 3, 4, 6};
  for (const auto& row : rows)
    for (std::size_t i = 0; i < std::size(modes); ++i) {
      EXPECT_EQ(heard(modes[i], row.steps, false), row.silent[i])
          << row.name << ", silent, mode " << modes[i];
      EXPECT_EQ(heard(modes[i], row.steps, true), row.flowing[i])
          << row.name << ", flowing, mode " << modes[i];
    }
}

TEST(RingbackEnabled, MediaThatStopLeaveTheRoomToTheTone) {
  Ringback ringback(6);
  ringback.progress(1, 180, true, false);
  ringback.media_flows(true);
  EXPECT_FALSE(ringback.wants_tone());
  ringback.media_flows(false);
  EXPECT_TRUE(ringback.wants_tone());
}

TEST(RingbackEnabled, AFloodOfEarlyDialogsIsBounded) {
  Ringback ringback(2);
  for (std::uint64_t branch = 0; branch < 1000; ++branch) ringback.progress(branch, 183, false, false);
  ringback.progress(2000, 180, false, false);
  EXPECT_FALSE(ringback.wants_tone()) << "one too many";
  ringback.progress(3, 180, false, false);
  EXPECT_TRUE(ringback.wants_tone());
}

}  // namespace
}  // namespace sidetone::endpoint
