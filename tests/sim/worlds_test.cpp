// Whole contact centres: the rules hold in every seed, a seed is one history, and each planted bug is found.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <ostream>
#include <set>
#include <string>

#include "sim/desk_world.h"
#include "sim/session_world.h"
#include "sim/world.h"

namespace sidetone::sim {
namespace {

std::string story(const WorldResult& result) {
  std::string text;
  for (const auto& violation : result.violations)
    text += fmt::format("seed {}: {} at {} s: {}\n", result.seed, violation.rule, stamp(violation.when),
                        violation.text);
  return text;
}

// Unoptimised and sanitised builds are some ten times slower; they run fewer worlds.
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
constexpr std::uint64_t seeds = 300;
#else
constexpr std::uint64_t seeds = 20;
#endif

TEST(Worlds, every_rule_holds) {
  std::map<std::string, std::uint64_t> transitions, faults_by_kind, attacks, changes;
  std::uint64_t calls = 0, answered = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const auto result = World({seed, Mutation::none, false}).run();
    EXPECT_TRUE(result.violations.empty()) << story(result);
    EXPECT_GE(result.calls, 20U);
    EXPECT_GE(result.faults, 3U);
    EXPECT_GE(result.virtual_time, std::chrono::minutes(10));
    calls += result.calls;
    answered += result.answered;
    for (const auto& [name, count] : result.transitions) transitions[name] += count;
    for (const auto& [name, count] : result.faults_by_kind) faults_by_kind[name] += count;
    for (const auto& [name, count] : result.attacks) attacks[name] += count;
    for (const auto& [name, count] : result.changes) changes[name] += count;
  }
  for (const char* kind :
       {"register_expires", "display_name", "codecs", "policies", "lines", "server", "under a call"})
    EXPECT_GT(changes[kind], 0U) << kind;
  // Each kind of trouble came, when enough worlds were asked.
  if (seeds >= 300) EXPECT_GE(faults_by_kind.size(), 17U);
  EXPECT_GT(attacks["answered 403"], 0U);
  EXPECT_GT(attacks["answered 481"], 0U);
  EXPECT_GT(attacks["forged BYE"], 0U);
  EXPECT_GT(answered * 4, calls) << "mostly refusals: the worlds say little about calls";
  // What every phone's life is made of must have happened.
  for (const char* name : {"call:ringing>connecting", "call:connecting>connected", "call:ringing>connected",
                           "hold:talking>held_by_us", "hold:held_by_us>talking", "hold:talking>held_by_peer",
                           "call:connected>ended:hung_up_here", "call:connected>ended:hung_up_there",
                           "call:ringing>ended:cancelled_there", "call:ringing>ended:rejected_here"})
    EXPECT_GT(transitions[name], 0U) << name;
}

TEST(SessionWorlds, every_rule_holds) {
  std::map<std::string, std::uint64_t> seen, faults_by_kind;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const auto result = SessionWorld({seed, Mutation::none, false}).run();
    EXPECT_TRUE(result.violations.empty()) << story(result);
    EXPECT_GE(result.faults, 1U);
    for (const auto& [name, count] : result.transitions) seen[name] += count;
    for (const auto& [name, count] : result.faults_by_kind) faults_by_kind[name] += count;
  }
  EXPECT_GT(faults_by_kind["glare"], seeds);
  for (const char* name :
       {"peer:accepted", "peer:accepted with an offer", "peer:reliable provisional", "peer:offer",
        "peer:asked for an offer", "peer:offered in a 200", "peer:retry due", "peer:refer finished",
        "peer:invite with Replaces", "peer:notify due", "peer:subscribe", "peer:request"})
    EXPECT_GT(seen[name], 0U) << name;
}

TEST(DeskWorlds, every_rule_holds) {
  std::map<std::string, std::uint64_t> seen;
  std::uint64_t answered = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const auto result = DeskWorld({seed, Mutation::none, false}).run();
    EXPECT_TRUE(result.violations.empty()) << story(result);
    EXPECT_GE(result.faults, 1U);
    answered += result.answered;
    for (const auto& [name, count] : result.transitions) seen[name] += count;
  }
  EXPECT_GT(answered, 4 * seeds);
  // Every request was made, and all but what nobody asked for was told.
  for (const char* name : {"request:MakeCall",
                           "request:AnswerCall",
                           "request:ReleaseCall",
                           "request:HoldCall",
                           "request:RetrieveCall",
                           "request:SingleStepTransfer",
                           "request:InitiateTransfer",
                           "request:CompleteTransfer",
                           "request:InitiateConference",
                           "request:CompleteConference",
                           "request:ReconnectCall",
                           "request:AlternateCall",
                           "request:SendDtmf",
                           "request:RedirectCall",
                           "request:ClearCall",
                           "event:EventDialing",
                           "event:EventRinging",
                           "event:EventOffHook",
                           "event:EventOnHook",
                           "event:EventEstablished",
                           "event:EventHeld",
                           "event:EventRetrieved",
                           "event:EventReleased",
                           "event:EventAbandoned",
                           "event:EventDestinationBusy",
                           "event:EventPartyChanged",
                           "event:EventDtmfSent",
                           "event:EventError"})
    EXPECT_GT(seen[name], 0U) << name;
}

TEST(DeskWorlds, one_seed_is_one_history) {
  for (const std::uint64_t seed : {3U, 4U}) {
    const auto first = DeskWorld({seed, Mutation::none, false}).run();
    EXPECT_EQ(first.hash, DeskWorld({seed, Mutation::none, true}).run().hash);
  }
}

// What the rules of this world are for, planted: each is found without the other worlds.
TEST(DeskWorlds, planted_bugs_are_found) {
  for (const auto& [mutation, rule] : {std::pair{Mutation::mic_open_early, "sound_before_consent"},
                                       {Mutation::hold_not_enforced, "sound_to_a_holder"},
                                       {Mutation::end_not_relayed, "orphan_call"},
                                       {Mutation::media_left_open, "heard_by_another"},
                                       {Mutation::end_unheard, "dialog_differs"}}) {
    bool found = false;
    for (std::uint64_t seed = 1; seed <= 100 && !found; ++seed)
      for (const auto& violation : DeskWorld({seed, mutation, false}).run().violations)
        found = found || violation.rule == rule;
    EXPECT_TRUE(found) << to_string(mutation);
  }
}

TEST(SessionWorlds, one_seed_is_one_history) {
  for (const std::uint64_t seed : {3U, 4U}) {
    const auto first = SessionWorld({seed, Mutation::none, false}).run();
    EXPECT_EQ(first.hash, SessionWorld({seed, Mutation::none, true}).run().hash);
  }
}

// Worlds in which something was wrong once, beyond the first few hundred: in the code, or in a rule.
TEST(Worlds, seeds_that_spoke_once) {
  for (const std::uint64_t seed : {673U}) {
    const auto result = World({seed, Mutation::none, false}).run();
    EXPECT_TRUE(result.violations.empty()) << story(result);
  }
}

TEST(Worlds, one_seed_is_one_history) {
  std::set<std::uint64_t> hashes;
  for (const std::uint64_t seed : {3U, 4U, 5U}) {
    const auto first = World({seed, Mutation::none, false}).run();
    const auto second = World({seed, Mutation::none, true}).run();  // watching changes nothing
    EXPECT_EQ(first.hash, second.hash);
    EXPECT_EQ(first.messages, second.messages);
    hashes.insert(first.hash);
  }
  EXPECT_EQ(hashes.size(), 3U);
}

struct PlantedBug {
  Mutation mutation;
  std::set<std::string> rules;  // one of these must speak
};

void PrintTo(const PlantedBug& bug, std::ostream* out) { *out << to_string(bug.mutation); }

class PlantedBugs : public ::testing::TestWithParam<PlantedBug> {};

TEST_P(PlantedBugs, is_found) {
  constexpr std::uint64_t seeds_max = 200;  // the rarest is seen in three of a hundred
  for (std::uint64_t seed = 1; seed <= seeds_max; ++seed) {
    for (const auto& violations : {World({seed, GetParam().mutation, false}).run().violations,
                                   SessionWorld({seed, GetParam().mutation, false}).run().violations})
      for (const auto& violation : violations)
        if (GetParam().rules.count(violation.rule) != 0) return;
  }
  FAIL() << to_string(GetParam().mutation) << " was not noticed in " << seeds_max << " seeds";
}

INSTANTIATE_TEST_SUITE_P(
    Mutations, PlantedBugs,
    ::testing::Values(
        PlantedBug{Mutation::no_timer_b, {"silence_unnoticed", "call_without_end", "left_over"}},
        PlantedBug{Mutation::bye_lost, {"legs_differ", "sound_to_nobody"}},
        PlantedBug{Mutation::glare_not_retried, {"intent_forgotten"}},
        PlantedBug{Mutation::stale_answer, {"hold_differs", "silence_without_hold"}},
        PlantedBug{Mutation::wrong_resume_direction, {"hold_differs", "direction_differs"}},
        PlantedBug{Mutation::ack_not_resent, {"healthy_call_lost"}},
        PlantedBug{Mutation::cancel_swallowed, {"legs_differ"}},
        PlantedBug{Mutation::mic_open_early, {"sound_before_consent"}},
        PlantedBug{Mutation::hold_not_enforced, {"sound_on_hold"}},
        PlantedBug{Mutation::unregister_forgotten, {"still_registered"}},
        PlantedBug{Mutation::event_dropped, {"snapshot_differs"}},
        PlantedBug{Mutation::call_id_reused, {"id_reused"}},
        PlantedBug{Mutation::end_not_relayed, {"legs_differ", "call_without_end"}},
        PlantedBug{Mutation::mute_ignored, {"mute_differs"}},
        PlantedBug{Mutation::media_left_open, {"left_over", "sound_after_end", "call_lost"}},
        PlantedBug{Mutation::digits_unreported, {"digits_lost"}},
        PlantedBug{Mutation::answer_ignored, {"answer_ignored"}},
        PlantedBug{Mutation::dial_ignored, {"dial_lost"}},
        PlantedBug{Mutation::session_timer_ignored, {"orphan_lives"}},
        PlantedBug{Mutation::ttl_ignored, {"line_away"}}, PlantedBug{Mutation::no_failover, {"line_away"}},
        PlantedBug{Mutation::guard_off, {"stranger_served", "stranger_obeyed"}},
        PlantedBug{Mutation::end_unheard, {"dialog_differs"}},
        PlantedBug{Mutation::registration_unheard, {"line_differs"}},
        PlantedBug{Mutation::timers_too_fast, {"storm"}},
        PlantedBug{Mutation::subscription_kept, {"subscription_left"}},
        PlantedBug{Mutation::two_answers, {"event_out_of_place"}},
        PlantedBug{Mutation::event_after_end, {"event_after_end"}},
        PlantedBug{Mutation::change_ignored, {"line_did_not_follow"}},
        PlantedBug{Mutation::change_ends_calls, {"call_changed_by_configuration", "ended_unasked"}}),
    [](const auto& row) { return std::string(to_string(row.param.mutation)); });

TEST(PlantedBugs, every_mutation_has_a_row) {
  for (std::size_t i = 1; i < static_cast<std::size_t>(Mutation::count_); ++i)
    EXPECT_EQ(find_mutation(to_string(static_cast<Mutation>(i))), static_cast<Mutation>(i));
  EXPECT_FALSE(find_mutation("no such bug"));
}

}  // namespace
}  // namespace sidetone::sim
