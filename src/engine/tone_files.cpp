#include "engine/tone_files.h"

#include <filesystem>

namespace sidetone::engine {
namespace {

media::TonePattern pattern_of(endpoint::ToneFile file) {
  switch (file) {
    case endpoint::ToneFile::ringing:
    case endpoint::ToneFile::system_ringing: return media::ringing_tone();
    case endpoint::ToneFile::call_waiting: return media::call_waiting_tone();
    case endpoint::ToneFile::ringback: return media::ringback_tone();
  }
  return media::ringing_tone();
}

}  // namespace

std::vector<Error> check_tone_files(ToneFileSettings& settings) {
  std::vector<Error> errors;
  for (auto& setting : settings) {
    if (setting.file.empty()) continue;
    std::error_code ignored;
    if (!setting.named && !std::filesystem::exists(setting.file, ignored)) {
      setting.file.clear();
      continue;
    }
    auto sound = media::read_tone_file(setting.file, setting.option);
    if (sound) continue;
    auto error = std::move(sound.error());
    error.text += "; a generated tone sounds instead";
    errors.push_back(std::move(error));
    setting.file.clear();
  }
  return errors;
}

media::ToneSpec tone_spec(const ToneFileSettings& settings, endpoint::ToneFile file) {
  const auto& setting = settings.at(static_cast<std::size_t>(file));
  return {setting.file, setting.option, pattern_of(file)};
}

}  // namespace sidetone::engine
