/** The product's mark. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 20 20" aria-hidden="true">
      <rect width="20" height="20" rx="5.5" fill="var(--accent)" />
      <path d="M4.5 7.2L10 4.3l5.5 2.9L10 10.1z" fill="#fff" />
      <path
        d="M4.5 10.3L10 13.2l5.5-2.9M4.5 13.2L10 16.1l5.5-2.9"
        fill="none"
        stroke="#fff"
        strokeWidth="1.4"
        strokeLinecap="round"
        strokeLinejoin="round"
        opacity=".8"
      />
    </svg>
  )
}
