/* A sound card without any delay of its own, for measuring other programs: preloaded, it takes the place of
 * what baresip's ALSA module calls of libasound. Playing blocks until the samples before are "played", by the
 * monotonic clock, and writes them to the file that IDEAL_SOUND_CARD names. That file's name with .start
 * holds when (ns, CLOCK_MONOTONIC) its first sample was played, and the rate. The microphone hears silence at
 * the same pace.
 */
#include <alsa/asoundlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct card {
  int plays;
  unsigned rate, channels;
  int64_t start_ns, samples;
  FILE* file;
};

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void sleep_until(int64_t ns) {
  const struct timespec at = {ns / 1000000000, ns % 1000000000};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) != 0) continue;
}

/* The samples before are over; the next ones begin. */
static void pace(struct card* card, snd_pcm_uframes_t samples) {
  if (card->start_ns == 0) card->start_ns = now_ns();
  sleep_until(card->start_ns + card->samples * 1000000000 / card->rate);
  card->samples += (int64_t)samples;
}

static void write_start(const struct card* card) {
  char path[4096];
  snprintf(path, sizeof path, "%s.start", getenv("IDEAL_SOUND_CARD"));
  FILE* file = fopen(path, "w");
  if (file == NULL) return;
  fprintf(file, "%lld %u\n", (long long)card->start_ns, card->rate);
  fclose(file);
}

int snd_pcm_open(snd_pcm_t** pcm, const char* name, snd_pcm_stream_t stream, int mode) {
  (void)name, (void)mode;
  struct card* card = calloc(1, sizeof *card);
  if (card == NULL) return -ENOMEM;
  card->plays = stream == SND_PCM_STREAM_PLAYBACK;
  card->rate = 8000;
  card->channels = 1;
  if (card->plays) card->file = fopen(getenv("IDEAL_SOUND_CARD"), "wb");
  *pcm = (snd_pcm_t*)card;
  return 0;
}

int snd_pcm_close(snd_pcm_t* pcm) {
  struct card* card = (struct card*)pcm;
  if (card->file != NULL) fclose(card->file);
  free(card);
  return 0;
}

int snd_pcm_hw_params_malloc(snd_pcm_hw_params_t** params) {
  return (*params = malloc(1)) == NULL ? -ENOMEM : 0;
}
void snd_pcm_hw_params_free(snd_pcm_hw_params_t* params) { free(params); }
int snd_pcm_hw_params_any(snd_pcm_t* pcm, snd_pcm_hw_params_t* params) { return (void)pcm, (void)params, 0; }
int snd_pcm_hw_params_set_access(snd_pcm_t* pcm, snd_pcm_hw_params_t* params, snd_pcm_access_t access) {
  return (void)pcm, (void)params, (void)access, 0;
}
int snd_pcm_hw_params_set_format(snd_pcm_t* pcm, snd_pcm_hw_params_t* params, snd_pcm_format_t format) {
  return (void)pcm, (void)params, format == SND_PCM_FORMAT_S16 ? 0 : -EINVAL;
}
int snd_pcm_hw_params_set_channels(snd_pcm_t* pcm, snd_pcm_hw_params_t* params, unsigned channels) {
  (void)params;
  ((struct card*)pcm)->channels = channels;
  return 0;
}
int snd_pcm_hw_params_set_rate(snd_pcm_t* pcm, snd_pcm_hw_params_t* params, unsigned rate, int dir) {
  (void)params, (void)dir;
  ((struct card*)pcm)->rate = rate;
  return 0;
}
int snd_pcm_hw_params_set_period_size_near(snd_pcm_t* pcm, snd_pcm_hw_params_t* params,
                                           snd_pcm_uframes_t* size, int* dir) {
  return (void)pcm, (void)params, (void)size, (void)dir, 0;
}
int snd_pcm_hw_params_set_buffer_size_near(snd_pcm_t* pcm, snd_pcm_hw_params_t* params,
                                           snd_pcm_uframes_t* size) {
  return (void)pcm, (void)params, (void)size, 0;
}
int snd_pcm_hw_params(snd_pcm_t* pcm, snd_pcm_hw_params_t* params) { return (void)pcm, (void)params, 0; }
int snd_pcm_prepare(snd_pcm_t* pcm) { return (void)pcm, 0; }
int snd_pcm_start(snd_pcm_t* pcm) { return (void)pcm, 0; }
int snd_pcm_drain(snd_pcm_t* pcm) { return (void)pcm, 0; }

snd_pcm_sframes_t snd_pcm_writei(snd_pcm_t* pcm, const void* samples, snd_pcm_uframes_t size) {
  struct card* card = (struct card*)pcm;
  const int first = card->start_ns == 0;
  pace(card, size);
  if (first) write_start(card);
  /* One channel is enough: the other is the same. */
  const int16_t* all = samples;
  for (snd_pcm_uframes_t i = 0; card->file != NULL && i < size; ++i)
    fwrite(&all[i * card->channels], sizeof(int16_t), 1, card->file);
  return (snd_pcm_sframes_t)size;
}

snd_pcm_sframes_t snd_pcm_readi(snd_pcm_t* pcm, void* samples, snd_pcm_uframes_t size) {
  struct card* card = (struct card*)pcm;
  pace(card, size);
  memset(samples, 0, size * card->channels * sizeof(int16_t));
  return (snd_pcm_sframes_t)size;
}
