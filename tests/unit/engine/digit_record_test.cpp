// What the log says of digits, with log_filter=dtmf and without it.
#include "engine/digit_record.h"

#include <gtest/gtest.h>

namespace sidetone::engine {
namespace {

using namespace std::chrono_literals;

TEST(DigitRecord, ShowsDigitsAsXWhenTheyAreHidden) {
  const struct {
    Event event;
    bool hide;
    const char* text;
  } rows[] = {
      {DtmfSent{CallId{7}, "12#", DtmfMethod::info}, false, "digits sent by Info: 12#"},
      {DtmfSent{CallId{7}, "12#", DtmfMethod::info}, true, "digits sent by Info: xxx"},
      {DtmfReceived{CallId{7}, '*', 100ms, DtmfMethod::rfc2833}, false,
       "digit received by Rfc2833: *, 100 ms"},
      {DtmfReceived{CallId{7}, '*', 100ms, DtmfMethod::inband_rtp}, true,
       "digit received by InbandRtp: x, 100 ms"},
  };
  for (const auto& row : rows) {
    const auto record = digit_record(row.event, row.hide, Time{1s});
    ASSERT_TRUE(record);
    EXPECT_EQ(record->text, row.text);
    EXPECT_EQ(record->call, 7u);
  }
  EXPECT_FALSE(digit_record(Event(MediaStarted{CallId{7}}), false, Time{}));
}

}  // namespace
}  // namespace sidetone::engine
