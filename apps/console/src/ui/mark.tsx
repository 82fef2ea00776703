/** The sign of the house: shelves in a larder. */
export function Mark({ size = 24 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden>
      <rect width="24" height="24" rx="6.5" fill="#0f7a54" />
      <path d="M5.5 10.25h13M5.5 17.75h13" stroke="#fff" strokeWidth="1.6" strokeLinecap="round" />
      <rect x="7" y="5.6" width="3.1" height="4" rx="0.9" fill="#fff" />
      <rect x="11.3" y="6.9" width="5.2" height="2.7" rx="0.9" fill="#a3ddc3" />
      <rect x="7" y="14.1" width="5.6" height="3" rx="0.9" fill="#a3ddc3" />
      <rect x="13.9" y="12.9" width="3.1" height="4.2" rx="0.9" fill="#fff" />
    </svg>
  );
}
