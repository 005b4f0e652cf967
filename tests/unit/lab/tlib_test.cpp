// T-Library's requests and events as JSON: what is taken, and what is refused with its reason.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "tlib/json.h"

namespace sidetone::lab::tlib {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(TlibRequest, ComesBackFromItsJson) {
  const Request request{.name = RequestName::complete_transfer,
                        .reference_id = 77,
                        .this_dn = "7002",
                        .conn_id = "00AB000000000001",
                        .other_conn_id = "00AB000000000002"};
  const auto again = request_from_json(boost::json::serialize(to_json(request)));
  ASSERT_TRUE(again) << describe(again.error());
  EXPECT_EQ(again->name, request.name);
  EXPECT_EQ(again->reference_id, 77U);
  EXPECT_EQ(again->this_dn, "7002");
  EXPECT_EQ(again->conn_id, request.conn_id);
  EXPECT_EQ(again->other_conn_id, request.other_conn_id);
}

TEST(TlibRequest, NamesAreTakenInManyForms) {
  for (const auto* text : {"MakeCall", "make-call", "TMakeCall", "RequestMakeCall", "make_call", "MAKECALL"})
    EXPECT_EQ(request_named(text), RequestName::make_call) << text;
  for (const auto* text : {"", "Make", "MakeCalls", "T", "EventDialing"})
    EXPECT_FALSE(request_named(text)) << text;
  for (int i = 0; i <= static_cast<int>(RequestName::clear_call); ++i) {
    const auto name = static_cast<RequestName>(i);
    EXPECT_EQ(request_named(name_of(name)), name);
  }
}

TEST(TlibRequest, WhatIsWrongIsNamed) {
  struct Row {
    std::string_view text, reason;
  };
  const std::string long_dn(65, '7');
  const std::string with_long_dn = R"({"request":"HoldCall","this_dn":")" + long_dn + "\"}";
  for (const auto& [text, reason] : std::initializer_list<Row>{
           {"", "no JSON object"},
           {"[]", "no JSON object"},
           {R"({"request":"HoldCall","this_dn":"7001")", "no JSON object"},
           {R"({"this_dn":"7001"})", "no request \"\""},
           {R"({"request":"Hold","this_dn":"7001"})", "no request \"Hold\""},
           {R"({"request":"HoldCall"})", "this_dn"},
           {R"({"request":"HoldCall","this_dn":7001})", "\"this_dn\" is no string"},
           {R"({"request":"HoldCall","this_dn":"70 01"})", "this_dn"},
           {R"({"request":"HoldCall","this_dn":"7001@evil"})", "this_dn"},
           {R"({"request":"HoldCall","this_dn":"7001\r\nX: y"})", "this_dn"},
           {with_long_dn, "this_dn"},
           {R"({"request":"HoldCall","this_dn":"7001","dest":"1"})", "no member \"dest\""},
           {R"({"request":"HoldCall","this_dn":"7001","destination":"7002"})", "destination has no meaning"},
           {R"({"request":"MakeCall","this_dn":"7001"})", "destination"},
           {R"({"request":"MakeCall","this_dn":"7001","destination":"sip:7002@x"})", "destination"},
           {R"({"request":"SendDtmf","this_dn":"7001"})", "digits"},
           {R"({"request":"SendDtmf","this_dn":"7001","digits":"12E"})", "digits"},
           {R"({"request":"MakeCall","this_dn":"1","destination":"2","digits":"1"})",
            "digits has no meaning"},
           {R"({"request":"HoldCall","this_dn":"7001","conn_id":"x"})", "conn_id"},
           {R"({"request":"HoldCall","this_dn":"7001","reference_id":-1})", "reference_id"},
           {R"({"request":"HoldCall","this_dn":"7001","reference_id":"1"})", "reference_id"},
           {R"({"request":"HoldCall","this_dn":{"a":{"b":{"c":{"d":1}}}}})", "no JSON object"},
       }) {
    const auto taken = request_from_json(text);
    ASSERT_FALSE(taken) << text;
    EXPECT_THAT(taken.error().text, HasSubstr(reason)) << text;
  }
  EXPECT_FALSE(request_from_json(std::string(70 * 1024, ' ') + "{}"));
}

TEST(TlibEvent, TellsWhatItHas) {
  Event event;
  event.name = EventName::dialing;
  event.time = Time(2500ms);
  event.this_dn = "7001";
  event.other_dn = "7002";
  event.conn_id = "00AB000000000001";
  event.call_type = CallType::internal;
  event.reference_id = 5;
  EXPECT_EQ(boost::json::serialize(to_json(event, Time(1s))),
            R"({"event":"EventDialing","time_ms":1500,"this_dn":"7001","other_dn":"7002",)"
            R"("conn_id":"00AB000000000001","call_type":"internal","reference_id":5})");
  EXPECT_EQ(brief(event), "EventDialing (7001,7002)");
  event = {};
  event.name = EventName::on_hook;
  event.this_dn = "7001";
  EXPECT_EQ(brief(event), "EventOnHook (7001,-)");
}

}  // namespace
}  // namespace sidetone::lab::tlib
