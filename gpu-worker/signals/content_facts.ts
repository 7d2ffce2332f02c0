/**
 * What can be measured of contents themselves, by name: (n,) each, NaN where a
 * sample has no such content or it was not looked at.
 *
 * A name starts with the kind of content: `text_`, `image_`, `features_`.
 */
export type ContentFacts = Readonly<Partial<Record<ContentFact, Float32Array>>>;

/** A fact about a content. Shares are in [0, 1]. */
export type ContentFact =
  /** Characters (code points), without white space at the ends. */
  | "text_length"
  /** Share of characters that are U+FFFD, control characters or the marks of text decoded twice. */
  | "text_damaged_share"
  /** Share of characters, white space left out, that are letters of any script. */
  | "text_letter_share"
  /** Share of words that are the text's most frequent word; 0 for texts of fewer than 5 words. */
  | "text_repeated_share"
  /** Script most of its letters are of: index into `TEXT_SCRIPTS`. */
  | "text_script"
  /** Language, as far as its most frequent words say: index into `TEXT_LANGUAGES`. */
  | "text_language"
  /** Pixels. */
  | "image_width"
  /** Pixels. */
  | "image_height"
  /** Mean luminance, [0, 1]. */
  | "image_luminance"
  /** Standard deviation of luminance, [0, 0.5]. */
  | "image_contrast"
  /** Variance of the Laplacian of luminance in [0, 1] at 256 pixels a side; low is blurred. */
  | "image_sharpness"
  /** Share of a row's features that are missing; 1 where a sample has none and others of its split do. */
  | "features_missing_share"
  /** 1 where a row's features, two or more, are all the same number; else 0. */
  | "features_constant";
