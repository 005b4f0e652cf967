// How digits leave and how they are read: the methods and their fallback, the bodies of INFO, twins.
#include <gmock/gmock.h>

#include "endpoint/dtmf_method.h"
#include "endpoint/heard_digits.h"
#include "endpoint/info_digit.h"

namespace sidetone::endpoint {
namespace {

using namespace std::chrono_literals;

TEST(DtmfMethod, TheConfiguredOneOrTheNextThatTheCallCanDo) {
  constexpr auto events = DtmfMethod::rfc2833, info = DtmfMethod::info, tones = DtmfMethod::inband_rtp;
  const struct {
    const char* name;
    DtmfMethod asked;
    DtmfAbilities abilities;
    std::optional<DtmfMethod> chosen;
  } rows[] = {
      {"Rfc2833", events, {true, true, true}, events},
      {"Rfc2833, telephone-event not negotiated", events, {false, true, true}, info},
      {"Rfc2833, early dialog without it", events, {false, true, false}, tones},
      {"Info", info, {true, true, true}, info},
      {"Info, refused by the far end", info, {true, true, false}, events},
      {"Info, refused, and no telephone-event", info, {false, true, false}, tones},
      {"InbandRtp", tones, {true, true, true}, tones},
      {"InbandRtp by a codec that spoils tones", tones, {true, false, true}, events},
      {"InbandRtp by such a codec, without telephone-event", tones, {false, false, true}, info},
      {"held, in a dialog", events, {false, false, true}, info},
      {"nothing", events, {}, std::nullopt},
  };
  for (const auto& row : rows)
    EXPECT_EQ(choose_dtmf_method(row.asked, row.abilities), row.chosen) << row.name;
}

TEST(DtmfMethod, WhatACallCanDo) {
  using codec::AudioCodec;
  EXPECT_FALSE(dtmf_abilities(std::nullopt, true).events);
  for (const auto& [codec, carries] : {std::pair{AudioCodec::pcmu, true},
                                       {AudioCodec::pcma, true},
                                       {AudioCodec::g722, true},
                                       {AudioCodec::opus, true},
                                       {AudioCodec::g729, false},
                                       {AudioCodec::ilbc, false}}) {
    codec::MediaPlan plan;
    plan.send_format.codec = codec;
    plan.send_events.emplace();
    EXPECT_FALSE(dtmf_abilities(plan, false).events) << "recvonly";
    EXPECT_FALSE(dtmf_abilities(plan, false).tones);
    plan.send = true;
    EXPECT_TRUE(dtmf_abilities(plan, false).events);
    EXPECT_EQ(dtmf_abilities(plan, false).tones, carries);
    plan.send_events.reset();
    EXPECT_FALSE(dtmf_abilities(plan, false).events);
  }
}

std::string digits_and_times(std::string_view type, std::string_view body) {
  std::string text;
  for (const auto& digit : digits_of_info(type, body))
    text += digit.digit + std::to_string(digit.duration.count()) + " ";
  return text;
}

TEST(InfoDigits, EveryBodyThatIsInUse) {
  const struct {
    const char *type, *body, *read;
  } rows[] = {
      {"application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", "5160 "},
      {"application/dtmf-relay", "signal = #\nduration = 90", "#90 "},
      {"Application/DTMF-Relay", "Signal=d", "D250 "},
      {"application/dtmf-relay", "Signal=1\r\nDuration=100\r\nSignal=2\r\nDuration=200\r\n", "1100 2200 "},
      {"application/dtmf-relay", "Signal=10\r\n", "*250 "},
      {"application/dtmf-relay", "Signal=11\r\n", "#250 "},
      {"application/dtmf-relay", "Signal=16\r\n", ""},  // hook flash
      {"application/dtmf-relay", "Signal=!\r\n", ""},
      {"application/dtmf-relay", "Signal=12345\r\n", ""},
      {"application/dtmf-relay", "Signal=5\r\nDuration=999999999\r\n", "510000 "},
      {"application/dtmf-relay", "Duration=100\r\n", ""},
      {"application/dtmf-relay", "", ""},
      {"application/vnd.nortelnetworks.digits", "p=Digit-Collection\r\nSignal=7\r\n", "7250 "},
      {"application/dtmf", "5", "5250 "},
      {"application/dtmf", "12#\r\n", "1250 2250 #250 "},
      {"application/dtmf", "hello", ""},
      {"application/dtmf", "", ""},
      {"application/sdp", "Signal=5", ""},
      {"text/plain", "5", ""},
  };
  for (const auto& row : rows)
    EXPECT_EQ(digits_and_times(row.type, row.body), row.read) << row.type << ": " << row.body;
}

TEST(InfoDigits, AFloodIsBounded) {
  std::string relay;
  for (int i = 0; i < 10000; ++i) relay += "Signal=1\n";
  EXPECT_EQ(digits_of_info("application/dtmf-relay", relay).size(), 40u);
  EXPECT_TRUE(digits_of_info("application/dtmf", std::string(41, '1')).empty());
}

TEST(HeardDigits, TwinsAreOneKey) {
  constexpr auto events = DtmfMethod::rfc2833, info = DtmfMethod::info, tones = DtmfMethod::inband_rtp;
  const struct {
    char digit;
    DtmfMethod method;
    std::chrono::milliseconds at;
    bool is_new;
  } rows[] = {
      {'1', events, 0ms, true},    {'1', info, 200ms, false},    // sent in two ways
      {'1', events, 400ms, true},  {'1', info, 700ms, false},    // pressed again
      {'1', info, 800ms, true},                                  // a third time, the event lost
      {'2', info, 900ms, true},    {'1', tones, 1700ms, false},  // the third one's tone
      {'2', events, 2000ms, true},                               // too late to be the same
      {'3', events, 2100ms, true}, {'3', events, 2150ms, true},  // one method: two keys
      {'4', info, 2200ms, true},   {'5', events, 2250ms, true},  // another key is no twin
  };
  HeardDigits digits;
  for (const auto& row : rows)
    EXPECT_EQ(digits.is_new(row.digit, row.method, Time{} + 10s + row.at), row.is_new)
        << row.digit << " at " << row.at.count() << " ms";
}

}  // namespace
}  // namespace sidetone::endpoint
