'use client'
import { useState } from 'react'

export default function Page() {
  const [answer, setAnswer] = useState('')
  const ask = async event => {
    const response = await fetch('/api/classify?top=1', { method: 'POST', body: event.target.files[0] })
    const [best] = await response.json()
    setAnswer(`${best.className}: ${(100 * best.probability).toFixed(1)} %`)
  }
  return (
    <main>
      <input type="file" accept="image/*" onChange={ask} />
      <p>{answer}</p>
    </main>
  )
}
