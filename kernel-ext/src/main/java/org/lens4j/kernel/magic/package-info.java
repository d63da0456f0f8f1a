/**
 * Magics: lines such as {@code %attn 3} in a cell, each sugar over one public Java call.
 *
 * <p>Reading order: {@link org.lens4j.kernel.magic.Magic}, {@link org.lens4j.kernel.magic.MagicCall}, {@link
 * org.lens4j.kernel.magic.MagicResult}, {@link org.lens4j.kernel.magic.Host}, {@link
 * org.lens4j.kernel.magic.MagicTable}. Knows no kernel: what a magic needs from one is {@code Host}. May import
 * lens-core, {@code kernel.display} and {@code kernel.session}.
 */
@NullMarked
package org.lens4j.kernel.magic;

import org.jspecify.annotations.NullMarked;
