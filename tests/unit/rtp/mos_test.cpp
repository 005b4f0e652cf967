#include "rtp/mos.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace sidetone::rtp {
namespace {

using namespace std::chrono_literals;

LossPattern random_loss(double fraction) { return {.fraction = fraction}; }

TEST(Mos, OfTheEModel) {
  const struct {
    CodecImpairment codec;
    double loss;
    std::chrono::milliseconds delay;
    double mos, tolerance;
  } rows[] = {
      {impairment_g711, 0, 0ms, 4.41, 0.01},     {impairment_g711, 0, 60ms, 4.38, 0.02},
      {impairment_g711, 0.01, 60ms, 4.29, 0.05}, {impairment_g711, 0.05, 60ms, 3.8, 0.15},
      {impairment_g711, 1, 60ms, 1.0, 0.2},      {impairment_g711, 0, 400ms, 3.1, 0.4},
      {impairment_g722, 0.03, 60ms, 3.8, 0.25},  {impairment_opus, 0.03, 60ms, 3.95, 0.25},
  };
  for (const auto& row : rows)
    EXPECT_NEAR(mos_of_rating(rating(row.codec, random_loss(row.loss), row.delay)), row.mos, row.tolerance)
        << row.loss << " " << row.delay.count();
  EXPECT_EQ(mos_of_rating(-5), 1);
  EXPECT_EQ(mos_of_rating(100), 4.5);
}

TEST(Mos, OfRatingAsInG107TableB1) {
  const struct {
    double r, mos;
  } rows[] = {{90, 4.34}, {80, 4.03}, {70, 3.60}, {60, 3.10}, {50, 2.58}};
  for (const auto& row : rows) EXPECT_NEAR(mos_of_rating(row.r), row.mos, 0.01) << row.r;
}

// G.113 appendix I: Ie and Bpl as tabled there; on the wideband scale (129 of G.107.1) Ie,wb of G.722 is 13,
// which is no impairment on ours (93.2).
TEST(Mos, CodecValuesOfG113) {
  EXPECT_EQ(impairment_g711.ie, 0);
  EXPECT_EQ(impairment_g711.bpl, 25.1);  // with concealment; 4.3 without
  EXPECT_EQ(impairment_g729.ie, 11);     // G.729A with VAD
  EXPECT_EQ(impairment_g729.bpl, 19);
  const double wideband_gain = 129 - 93.2, g722_on_the_wideband_scale = 13;
  EXPECT_EQ(impairment_g722.ie, std::max(0.0, g722_on_the_wideband_scale - wideband_gain));
  // Codecs that G.113 has no values for: what must be true all the same.
  for (const auto codec : {impairment_opus, impairment_isac}) EXPECT_EQ(codec.ie, 0);
  EXPECT_GT(impairment_ilbc.bpl, impairment_g711.bpl) << "made for loss (RFC 3951 §1)";
  const auto at = [](CodecImpairment codec, double loss) { return rating(codec, random_loss(loss), 0us); };
  EXPECT_GT(at(impairment_g711, 0), at(impairment_ilbc, 0));
  EXPECT_GT(at(impairment_ilbc, 0), at(impairment_g729, 0));
  EXPECT_LT(at(impairment_ilbc, 0) - at(impairment_ilbc, 0.1),
            at(impairment_g711, 0) - at(impairment_g711, 0.1));
}

// G.107 equation 7-29, by hand.
TEST(Mos, BurstRatioEnters) {
  const struct {
    CodecImpairment codec;
    double loss, ratio, impairment;
  } rows[] = {
      {impairment_g711, 0.02, 1, 95 * 2 / (2 / 1.0 + 25.1)},
      {impairment_g711, 0.02, 2, 95 * 2 / (2 / 2.0 + 25.1)},
      {impairment_g711, 0.10, 4, 95 * 10 / (10 / 4.0 + 25.1)},
      {impairment_g729, 0.05, 1, 11 + 84 * 5 / (5 / 1.0 + 19)},
      {impairment_g729, 0.05, 3, 11 + 84 * 5 / (5 / 3.0 + 19)},
      {impairment_ilbc, 0.05, 0.5, 10 + 85 * 5 / (5 / 1.0 + 32)},  // sparser than random counts as random
  };
  for (const auto& row : rows)
    EXPECT_NEAR(effective_impairment(row.codec, {.fraction = row.loss, .burst_ratio = row.ratio}),
                row.impairment, 1e-9);
}

// Idd, Idte and Idle of G.107 with the default talker echo loudness rating of 65 dB.
double delay_impairment_of_g107(double t_ms) {
  const double r_o = 94.77, x = std::log10(t_ms / 100) / std::log10(2.0);
  const double i_dd =
      t_ms <= 100
          ? 0
          : 25 * (std::pow(1 + std::pow(x, 6), 1.0 / 6) - 3 * std::pow(1 + std::pow(x / 3, 6), 1.0 / 6) + 2);
  const auto echo = [](double r, double re) {
    return (r - re) / 2 + std::sqrt((r - re) * (r - re) / 4 + 100) - 1;
  };
  const double terv =
      65 - 40 * std::log10((1 + t_ms / 10) / (1 + t_ms / 150)) + 6 * std::exp(-0.3 * t_ms * t_ms);
  const double i_dte = echo(r_o, 80 + 2.5 * (terv - 14)) * (1 - std::exp(-t_ms));
  const double r_le = 10.5 * (110 + 7) * std::pow(2 * t_ms + 1, -0.25);
  const double i_dle = (r_o - r_le) / 2 + std::sqrt((r_o - r_le) * (r_o - r_le) / 4 + 169);
  return i_dd + i_dte + i_dle;
}

TEST(Mos, DelayIsThatOfG107Within2) {
  for (const int ms : {20, 50, 100, 150, 177, 200, 250, 300, 350})
    EXPECT_NEAR(93.2 - rating(impairment_g711, {}, std::chrono::milliseconds{ms}),
                delay_impairment_of_g107(ms), 2.2)
        << ms;
}

LossBursts with_losses(int good, int lost, int times) {
  LossBursts bursts;
  for (int i = 0; i < times; ++i) {
    bursts.received(static_cast<std::uint64_t>(good));
    bursts.lost(static_cast<std::uint64_t>(lost));
  }
  bursts.received(100);
  return bursts;
}

TEST(Mos, TheSameLossInBurstsIsWorse) {
  const auto single = loss_pattern(with_losses(49, 1, 40), 20ms);   // one in fifty
  const auto bursts = loss_pattern(with_losses(196, 4, 10), 20ms);  // four in two hundred
  EXPECT_NEAR(single.fraction, bursts.fraction, 1e-9);
  EXPECT_NEAR(single.burst_ratio, 1, 1e-9);
  EXPECT_NEAR(bursts.burst_ratio, 4 * (1 - bursts.fraction), 1e-9);
  EXPECT_LT(rating(impairment_g711, bursts, 50ms), rating(impairment_g711, single, 50ms) - 0.2);
}

// TS 101 329-5 annex E: ten bad seconds in a minute (Gmin 16: every fifth packet lost is one long burst) are
// remembered; G.107 sees 3.3 % random loss.
TEST(Mos, ALongSparseBurstIsRemembered) {
  LossBursts bursts;
  bursts.received(2500);
  for (int i = 0; i < 100; ++i) {
    bursts.lost();
    bursts.received(4);
  }
  const auto pattern = loss_pattern(bursts, 20ms);
  EXPECT_NEAR(std::chrono::duration<double>(pattern.burst_length).count(), 9.9, 0.1);
  EXPECT_NEAR(pattern.burst_density, 0.2, 0.01);
  const double by_g107 = effective_impairment(impairment_g711, loss_pattern(bursts.counts()));
  EXPECT_NEAR(by_g107, 95 * 3.33 / (3.33 + 25.1), 0.1);
  EXPECT_GT(effective_impairment(impairment_g711, pattern), by_g107 + 1);
}

TEST(Mos, NothingExpectedIsNoLoss) {
  EXPECT_EQ(loss_pattern(LossBursts::Counts{}).fraction, 0);
  EXPECT_EQ(loss_pattern(LossBursts{}, 0us).burst_ratio, 1);
}

}  // namespace
}  // namespace sidetone::rtp
