// A text as a QR code, drawn as one path on white: cameras want dark squares on light ground in dark schemes, too.

import { encodeQR } from 'qr';
import { type ReactNode, useMemo } from 'react';
import { formatQrPath } from './qr-path.ts';

/** Light squares around a code (ISO/IEC 18004 wants four). */
const QUIET = 4;

interface QrCodeProps {
  readonly text: string;
  /** What it is, in words. */
  readonly label: string;
}

/** The code. */
export function QrCode({ text, label }: QrCodeProps): ReactNode {
  const { path, size } = useMemo(() => {
    const rows = encodeQR(text, 'raw', { border: QUIET, ecc: 'medium' });
    return { path: formatQrPath(rows), size: rows.length };
  }, [text]);
  return (
    <svg className="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" shapeRendering="crispEdges" />
    </svg>
  );
}
